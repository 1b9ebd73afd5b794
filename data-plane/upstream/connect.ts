import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import type { UpstreamGrant } from '#proto/sworn/plane/v1/snapshot_pb.ts';

/** Opens a connection; undici's form, which takes the address from whoever asks. */
export type Connector = buildConnector.connector;

/** A connection that did not come about: nothing of a request was sent. */
export class ConnectFailure extends Error {
  override readonly name = 'ConnectFailure';
  /** In words, to be read after "it cannot be reached:". Holds no secret. */
  readonly reason: string;

  constructor(reason: string, cause: unknown) {
    super(reason, { cause });
    this.reason = reason;
  }
}

const TLS_CODE =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|PATH_LENGTH_|HOSTNAME_)/;

const UNTRUSTED = /^(?:UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/;

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name does not resolve at the moment',
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'the connection broke while it was opened',
  EHOSTUNREACH: 'there is no way to its host',
  ENETUNREACH: 'there is no way to its network',
  ETIMEDOUT: 'connecting took too long',
  UND_ERR_CONNECT_TIMEOUT: 'connecting took too long',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};

/**
 * What opens connections to an upstream and to its token endpoint: with its authorities and client certificate, through
 * its proxy. Whatever fails is a ConnectFailure.
 * @param options.http2 offers HTTP/2 to servers that can
 * @throws when a certificate or key cannot be used
 */
export function createConnector(
  grant: UpstreamGrant,
  options: { readonly timeoutMs: number; readonly http2: boolean },
): Connector {
  const { timeoutMs } = options;
  const secureContext = createContext(grant);
  const connectDirectly = buildConnector({ timeout: timeoutMs, allowH2: options.http2, secureContext });
  const proxyUrl = grant.spec?.proxyUrl ?? '';
  const proxy =
    proxyUrl === ''
      ? undefined
      : { url: new URL(proxyUrl), credential: grant.proxyCredential, secureContext, timeoutMs };
  return (target, callback) => {
    const finish: buildConnector.Callback = (...result) => {
      const [error, socket] = result;
      // Whatever its types say, a failure comes without a second argument.
      if (socket) callback(null, socket);
      else callback(toFailure(error), null);
    };
    if (proxy === undefined) connectDirectly(target, finish);
    else
      openTunnel(proxy, authorityOf(target), (error, tunnel) => {
        if (tunnel === undefined) callback(toFailure(error), null);
        // The tunnel is all that plain HTTP needs.
        else if (target.protocol !== 'https:') callback(null, tunnel);
        else connectDirectly({ ...target, httpSocket: tunnel }, finish);
      });
  };
}

function createContext({ spec, clientKey }: UpstreamGrant): SecureContext {
  const { caCertificates = '', clientCertificate = '' } = spec ?? {};
  return createSecureContext({
    minVersion: 'TLSv1.2',
    ...(caCertificates === '' ? {} : { ca: caCertificates }),
    ...(clientCertificate === '' ? {} : { cert: clientCertificate, key: clientKey }),
  });
}

interface Proxy {
  readonly url: URL;
  readonly credential: string;
  readonly secureContext: SecureContext;
  readonly timeoutMs: number;
}

/** RFC 9110 section 9.3.6. */
function openTunnel(
  { url, credential, secureContext, timeoutMs }: Proxy,
  authority: string,
  callback: (error: unknown, tunnel?: Socket) => void,
): void {
  const isSecure = url.protocol === 'https:';
  const authorization = `Basic ${Buffer.from(credential, 'utf8').toString('base64')}`;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const request = (isSecure ? httpsRequest : httpRequest)({
    host,
    port: url.port || (isSecure ? 443 : 80),
    method: 'CONNECT',
    path: authority,
    agent: false,
    headers: { host: authority, ...(credential === '' ? {} : { 'proxy-authorization': authorization }) },
    ...(isSecure ? { secureContext, ALPNProtocols: ['http/1.1'] } : {}),
  });
  const timer = setTimeout(
    () => request.destroy(new ConnectFailure('its proxy took too long', undefined)),
    timeoutMs,
  );
  const finish = (error: unknown, tunnel?: Socket) => {
    clearTimeout(timer);
    if (error === undefined) callback(undefined, tunnel);
    else callback(error);
  };
  request.once('connect', ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
    // Who speaks before it is spoken to is no TLS or HTTP server.
    if (statusCode >= 200 && statusCode < 300 && head.length === 0) {
      socket.setNoDelay(true);
      finish(undefined, socket);
      return;
    }
    socket.destroy();
    finish(new ConnectFailure(`its proxy answered ${statusCode}`, undefined));
  });
  request.once('error', (error) => {
    const { reason } = toFailure(error);
    const isOurs = error instanceof ConnectFailure;
    finish(isOurs ? error : new ConnectFailure(`its proxy cannot be used: ${reason}`, error));
  });
  request.end();
}

function authorityOf({ hostname, protocol, port }: buildConnector.Options): string {
  const host = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
  return `${host}:${port || (protocol === 'https:' ? 443 : 80)}`;
}

function toFailure(error: unknown): ConnectFailure {
  if (error instanceof ConnectFailure) return error;
  return new ConnectFailure(reasonOf(error), error);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection failed';
  const code = 'code' in error ? String(error.code) : '';
  const known = REASONS[code];
  if (known !== undefined) return known;
  if (UNTRUSTED.test(code)) return `its certificate is of no authority that is trusted (${code})`;
  if (TLS_CODE.test(code)) return `TLS failed (${code})`;
  // Several addresses were tried; each has its own.
  const inner = error instanceof AggregateError ? error.errors[0] : undefined;
  return inner === undefined ? 'the connection failed' : reasonOf(inner);
}
