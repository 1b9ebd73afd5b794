import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { v7 as uuid } from 'uuid';
import { GatewayError } from '#core/provider/openai/error.ts';
import type { ModelRequest } from '#core/provider/openai/request.ts';
import type { ResponseFacts } from '#core/provider/openai/response.ts';
import { SessionSource } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { SessionPlace } from '../exchange.ts';

/** With it an application names the session itself; settable without code through OPENAI_CUSTOM_HEADERS. */
export const SESSION_HEADER = 'x-sworn-session';
const SESSION_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
/** Answers whose ids are remembered; older ones begin a new session when they are referred to. */
const REMEMBERED_IDS = 50_000;

/**
 * Puts exchanges into sessions. Everything is scoped to the caller: nobody can write into the session of
 * somebody else by repeating its name or ids.
 */
export class SessionFinder {
  readonly #byId = new Map<string, string>();

  /**
   * The session of a request; of one that refers to nothing it is that of its connection, where there is one.
   * Throws GatewayError `invalid_request` for a malformed header.
   */
  find(
    caller: Caller,
    headers: IncomingHttpHeaders,
    content: ModelRequest,
    connection?: string,
  ): SessionPlace {
    const scope = scopeOf(caller);
    const named = headers[SESSION_HEADER];
    if (named !== undefined) {
      if (typeof named !== 'string' || !SESSION_NAME.test(named)) {
        throw new GatewayError(
          'invalid_request',
          'X-Sworn-Session must be 1 to 100 letters, digits, dots, underscores and hyphens.',
          { param: SESSION_HEADER },
        );
      }
      return { name: `sessions/${named}-${scope.slice(0, 8)}`, source: SessionSource.HEADER };
    }
    if (content.previousResponseId !== undefined) {
      const name = this.#byId.get(`${scope}/${content.previousResponseId}`);
      if (name !== undefined) return { name, source: SessionSource.PREVIOUS_RESPONSE };
    }
    if (content.conversation !== undefined) {
      const digest = createHash('sha256').update(`${scope}/${content.conversation}`).digest('hex');
      return { name: `sessions/conversation-${digest.slice(0, 32)}`, source: SessionSource.CONVERSATION };
    }
    for (const callId of content.callIds) {
      const name = this.#byId.get(`${scope}/${callId}`);
      if (name !== undefined) return { name, source: SessionSource.CALL_ID };
    }
    if (connection !== undefined) return { name: connection, source: SessionSource.CONNECTION };
    return { name: `sessions/${uuid()}`, source: SessionSource.NEW };
  }

  /** Remembers the ids of an answer, so that a later request that refers to them joins its session. */
  remember(caller: Caller, session: SessionPlace, facts: ResponseFacts): void {
    const scope = scopeOf(caller);
    if (facts.responseId !== undefined) this.#keep(`${scope}/${facts.responseId}`, session.name);
    for (const callId of facts.callIds) this.#keep(`${scope}/${callId}`, session.name);
  }

  #keep(key: string, name: string): void {
    this.#byId.delete(key);
    this.#byId.set(key, name);
    if (this.#byId.size > REMEMBERED_IDS) {
      const oldest = this.#byId.keys().next();
      if (oldest.done !== true) this.#byId.delete(oldest.value);
    }
  }
}

function scopeOf(caller: Caller): string {
  return createHash('sha256').update(`${caller.issuer}\n${caller.subject}`).digest('hex');
}
