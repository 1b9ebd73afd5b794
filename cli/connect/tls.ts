import { CommandFailure, EXIT } from '../failure.ts';

const UNKNOWN_AUTHORITY = {
  what: 'its certificate is issued by no authority that this machine knows',
  hint: '--ca FILE, or SWORN_CA, with the PEM of the authority that issued it',
};
const OTHER_NAME = {
  what: 'its certificate is for another name',
  hint: 'check the host in --control-plane and SWORN_CONTROL_PLANE',
};
const NOT_NOW = {
  what: 'its certificate is not valid at this time',
  hint: 'check the clock, or have it renewed',
};

const NO_TLS = {
  what: 'what answers there speaks no TLS',
  hint: 'check --control-plane and SWORN_CONTROL_PLANE: http:// perhaps, or another port',
};

/** What is wrong with a certificate, by the code of Node's error (`node:tls`, "X509 certificate error codes"). */
const FAULTS: Readonly<Record<string, typeof NOT_NOW>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  ERR_TLS_CERT_ALTNAME_INVALID: OTHER_NAME,
  CERT_HAS_EXPIRED: NOT_NOW,
  CERT_NOT_YET_VALID: NOT_NOW,
};

/** The failure of a command whose control plane shows a certificate that does not hold, or none; undefined for any other error. */
export function explainTls(error: unknown, controlPlane: string): CommandFailure | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    // OpenSSL's words for bytes that are no TLS; Node has a code for them, or EPROTO.
    const fault = FAULTS[code] ?? (message.includes('wrong version number') ? NO_TLS : undefined);
    if (fault === undefined) continue;
    return new CommandFailure(`the control plane at ${controlPlane} cannot be trusted: ${fault.what}`, {
      exitCode: EXIT.unavailable,
      code: 'unavailable',
      hint: fault.hint,
      cause: error,
    });
  }
  return undefined;
}
