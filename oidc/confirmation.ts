import type { JWTPayload } from 'jose';
import { Binding, type IssuerSpec } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { AuthenticationError, invalidToken } from './error.ts';

/** SHA-256 in base64url, without padding. */
const THUMBPRINT = /^[\w-]{43}$/;

/** What a token is bound to (its `cnf`, RFC 7800), as SHA-256 in base64url: whoever presents it has to prove all of it. */
export interface Confirmation {
  /** `jkt`: the thumbprint (RFC 7638) of the key that signs requests (RFC 9449 section 6.1). */
  readonly key: string | undefined;
  /** `x5t#S256`: the thumbprint of the client certificate of the connection (RFC 8705 section 3.1). */
  readonly certificate: string | undefined;
}

/**
 * What a verified token is bound to. Throws AuthenticationError `invalid_token` for a binding that cannot be read or proved
 * here: to take such a token as one that is not bound would give it to whoever has stolen it.
 */
export function readConfirmation(payload: JWTPayload): Confirmation {
  const cnf: unknown = payload['cnf'];
  if (cnf === undefined) return { key: undefined, certificate: undefined };
  if (typeof cnf !== 'object' || cnf === null) throw invalidToken('the cnf claim is no object');
  const key = readThumbprint(cnf, 'jkt');
  const certificate = readThumbprint(cnf, 'x5t#S256');
  if (key === undefined && certificate === undefined) {
    throw invalidToken('the token is bound in a way that cannot be proved here');
  }
  return { key, certificate };
}

/** How records name what a token is bound to: each with the member of `cnf` that says so. */
export function thumbprintsOf({ key, certificate }: Confirmation): string[] {
  return [
    ...(key === undefined ? [] : [`jkt:${key}`]),
    ...(certificate === undefined ? [] : [`x5t#S256:${certificate}`]),
  ];
}

/** Throws AuthenticationError `unbound_token` for a token that is not bound as its issuer's settings want it. */
export function requireBinding({ key, certificate }: Confirmation, { binding }: Pick<IssuerSpec, 'binding'>) {
  if (binding === Binding.UNSPECIFIED) return;
  if (key !== undefined && (binding === Binding.DPOP || binding === Binding.ANY)) return;
  if (certificate !== undefined && (binding === Binding.MTLS || binding === Binding.ANY)) return;
  throw new AuthenticationError('unbound_token', 'the token is not bound as its issuer is to bind it');
}

/** Throws AuthenticationError `invalid_token` for a token that is bound, where no proof is ever asked for. */
export function requireBearer({ key, certificate }: Confirmation): void {
  if (key === undefined && certificate === undefined) return;
  throw invalidToken(
    'the token is bound to a key or a certificate: such tokens are taken by data planes only',
  );
}

function readThumbprint(cnf: object, member: string): string | undefined {
  if (!Object.hasOwn(cnf, member)) return undefined;
  const value: unknown = cnf[member as keyof typeof cnf];
  if (typeof value !== 'string' || !THUMBPRINT.test(value)) {
    throw invalidToken(`the ${member} of the cnf claim is no SHA-256 thumbprint`);
  }
  return value;
}
