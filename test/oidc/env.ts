import pino from 'pino';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Issuer } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { requireBinding } from '../../oidc/confirmation.ts';
import { createVerifier, type Verifier, type VerifierOptions } from '../../oidc/verify.ts';

/** A verifier with a clock that tests move. */
export interface Env {
  readonly verifier: Verifier;
  /** Lines that were logged, as JSON. */
  readonly logs: string[];
  advance(ms: number): void;
  verify(token: string, issuer: Issuer): Promise<Caller>;
}

export function createEnv(options: Partial<VerifierOptions> = {}): Env {
  const logs: string[] = [];
  let offsetMs = 0;
  const verifier = createVerifier({
    audiences: 'gatewayAudiences',
    requireBinding,
    cachedTokens: 0,
    now: () => Date.now() + offsetMs,
    logger: pino({ level: 'debug' }, { write: (line: string) => void logs.push(line) }),
    ...options,
  });
  return {
    verifier,
    logs,
    advance: (ms) => {
      offsetMs += ms;
    },
    verify: async (token, { spec }) => {
      const find = (issuerUrl: string) => (spec?.issuerUrl === issuerUrl ? spec : undefined);
      return (await verifier.verify(token, find)).caller;
    },
  };
}
