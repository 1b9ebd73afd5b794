import * as oidc from 'openid-client';
import { isLoopback } from '#core/endpoint/read.ts';
import { CommandFailure, EXIT, usageFailure } from '../failure.ts';
import type { Login, Renewal } from './store.ts';

const RENEWAL_TIMEOUT_S = 30;
const SCOPE = 'openid offline_access';

/** What is asked of the issuer. */
export interface LoginRequest {
  readonly issuer: string;
  readonly clientId: string;
  /** RFC 8707 resource indicator of the control plane; empty for issuers that know none. */
  readonly resource: string;
  /** The non-standard `audience` parameter that some issuers want instead; empty for none. */
  readonly audience: string;
}

/** Where the person goes, and the code to enter there. */
export interface DevicePrompt {
  readonly url: string;
  readonly code: string;
  readonly expiresInS: number;
}

/** Logs a person in by the device flow (RFC 8628); `show` tells them where to go. Ends early when `signal` aborts. */
export async function loginByDevice(
  request: LoginRequest,
  show: (prompt: DevicePrompt) => void,
  signal: AbortSignal,
): Promise<Login> {
  return explain(request.issuer, async () => {
    const configuration = await discover(request);
    const target = targetParameters(request);
    const device = await oidc.initiateDeviceAuthorization(configuration, {
      scope: SCOPE,
      ...target,
    });
    show({
      url: device.verification_uri_complete ?? device.verification_uri,
      code: device.user_code,
      expiresInS: device.expires_in,
    });
    const tokens = await oidc.pollDeviceAuthorizationGrant(configuration, device, target, { signal });
    return toLogin(request, tokens, undefined);
  });
}

/** A new access token for a login's refresh token. */
export async function renewLogin(renewal: Renewal): Promise<Login> {
  return explain(renewal.issuer, async () => {
    const configuration = await discover(renewal);
    const tokens = await oidc.refreshTokenGrant(
      configuration,
      renewal.refreshToken,
      targetParameters(renewal),
    );
    return toLogin(renewal, tokens, renewal.refreshToken);
  });
}

/** Makes the refresh token worthless at the issuer, where it offers that (RFC 7009). */
export async function revokeLogin(renewal: Renewal): Promise<void> {
  await explain(renewal.issuer, async () => {
    const configuration = await discover(renewal);
    if (configuration.serverMetadata().revocation_endpoint === undefined) return;
    await oidc.tokenRevocation(configuration, renewal.refreshToken, { token_type_hint: 'refresh_token' });
  });
}

async function discover(request: Pick<LoginRequest, 'issuer' | 'clientId'>): Promise<oidc.Configuration> {
  const url = URL.parse(request.issuer);
  if (url === null) throw usageFailure(`the issuer '${request.issuer}' is not a URL`);
  const insecure = url.protocol === 'http:';
  if (insecure && !isLoopback(url.hostname)) {
    throw usageFailure(
      `the issuer ${request.issuer} would get your tokens over plain HTTP`,
      'use its https URL',
    );
  }
  return oidc.discovery(url, request.clientId, undefined, oidc.None(), {
    timeout: RENEWAL_TIMEOUT_S,
    execute: insecure ? [oidc.allowInsecureRequests] : [],
  });
}

function targetParameters(request: Pick<LoginRequest, 'resource' | 'audience'>): Record<string, string> {
  return {
    ...(request.resource === '' ? {} : { resource: request.resource }),
    ...(request.audience === '' ? {} : { audience: request.audience }),
  };
}

function toLogin(
  request: LoginRequest,
  tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
  previousRefreshToken: string | undefined,
): Login {
  const expiresInS = tokens.expiresIn();
  const refreshToken = tokens.refresh_token ?? previousRefreshToken;
  return {
    accessToken: tokens.access_token,
    expiresAtMs: expiresInS === undefined ? undefined : Date.now() + expiresInS * 1_000,
    renewal:
      refreshToken === undefined
        ? undefined
        : {
            issuer: request.issuer,
            clientId: request.clientId,
            refreshToken,
            resource: request.resource,
            audience: request.audience,
          },
  };
}

/** `fetch` says only that it failed; its cause says why: a name that does not resolve, a certificate. */
function reasonOf(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${reasonOf(error.cause)}` : error.message;
}

/** The client has what aborted it as the cause of an error of its own. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Turns what the OIDC client throws into a failure that says what to do. */
async function explain<T>(issuer: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    if (error instanceof oidc.ResponseBodyError) {
      throw new CommandFailure(
        `the issuer ${issuer} refused: ${error.error}${error.error_description === undefined ? '' : ` (${error.error_description})`}`,
        {
          exitCode: EXIT.unauthenticated,
          code: error.error,
          hint: `sworn login --issuer ${issuer}`,
          cause: error,
        },
      );
    }
    if (isAbort(error) || (error instanceof Error && isAbort(error.cause))) {
      throw new CommandFailure('interrupted', {
        exitCode: EXIT.interrupted,
        code: 'interrupted',
        cause: error,
      });
    }
    const reason = error instanceof Error ? reasonOf(error) : String(error);
    throw new CommandFailure(`the issuer ${issuer} could not be used: ${reason}`, {
      exitCode: EXIT.unavailable,
      code: 'issuer_unavailable',
      hint: `curl ${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
      cause: error,
    });
  }
}
