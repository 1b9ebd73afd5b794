import type { IncomingMessage } from 'node:http';
import { type Authenticated, type Authentication, authenticateRequest } from './authenticate/request.ts';
import type { CompiledSnapshot } from './control/control.ts';
import type { Answer } from './listener/answer.ts';
import type { Trail } from './record/trail.ts';

/**
 * Finds out who asks, as authenticateRequest does. A token that comes without its proof is refused, and the record says whose
 * it is; the nonce for the next proof is told whatever comes of it.
 */
export function identify(
  authentication: Authentication,
  snapshot: CompiledSnapshot,
  request: IncomingMessage,
  authorization: string | undefined,
  answer: Answer,
  trail: Trail,
): Promise<Authenticated> {
  return authenticateRequest(authentication, snapshot, request, authorization, {
    onCaller: (caller) => {
      trail.known.caller = caller;
    },
    onNonce: (nonce) => answer.tellNonce(nonce),
  });
}
