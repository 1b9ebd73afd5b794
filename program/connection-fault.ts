/** What is wrong with the certificate of a server, or that it has none. */
export type TlsFault = 'unknown_authority' | 'other_name' | 'not_now' | 'no_tls';

/** In words, to be read after "cannot be trusted: ". */
export const TLS_FAULTS: Readonly<Record<TlsFault, string>> = {
  unknown_authority: 'its certificate is issued by no authority that this machine knows',
  other_name: 'its certificate is for another name',
  not_now: 'its certificate is not valid at this time',
  no_tls: 'what answers there speaks no TLS',
};

/** By the code of Node's error (`node:tls`, "X509 certificate error codes"). */
const BY_CODE: Readonly<Record<string, TlsFault>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'unknown_authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown_authority',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown_authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown_authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown_authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'other_name',
  CERT_HAS_EXPIRED: 'not_now',
  CERT_NOT_YET_VALID: 'not_now',
};

/** Why a call failed, where it is the server's certificate, by the error and its causes; undefined for all else. */
export function findTlsFault(error: unknown): TlsFault | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    // OpenSSL's words for bytes that are no TLS; Node has a code for them, or EPROTO.
    const fault = BY_CODE[code] ?? (message.includes('wrong version number') ? 'no_tls' : undefined);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/**
 * Why there is no connection, for logs: what is wrong with the certificate, or the system's code (ECONNREFUSED), by the error
 * and its causes. Never their messages. Undefined where they have neither.
 */
export function describeConnectionFault(error: unknown): string | undefined {
  const distrusted = findTlsFault(error);
  if (distrusted !== undefined) return TLS_FAULTS[distrusted];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause ? cause.code : undefined;
    if (typeof code === 'string' && /^[A-Z]\w{0,63}$/.test(code)) return code;
  }
  return undefined;
}
