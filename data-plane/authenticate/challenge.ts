import type { ErrorCode } from '#core/provider/openai/error.ts';
import { ALGORITHMS } from '../../oidc/algorithms.ts';

const ALGS = `algs="${[...ALGORITHMS].join(' ')}"`;

/** The `WWW-Authenticate` header of a refusal with 401 (RFC 6750 section 3, RFC 9449 section 7.1). */
export function challengeOf(code: ErrorCode): string {
  switch (code) {
    case 'use_dpop_nonce':
      return `DPoP error="use_dpop_nonce", ${ALGS}`;
    case 'invalid_proof':
    case 'expired_proof':
      return `DPoP error="invalid_dpop_proof", ${ALGS}`;
    case 'missing_proof':
    case 'unbound_token':
      return `DPoP error="invalid_token", ${ALGS}`;
    default:
      return `Bearer error="invalid_token", DPoP ${ALGS}`;
  }
}
