import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { v7 as uuid } from 'uuid';
import type { ResponseFacts } from '#core/provider/openai/answer/response.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import type { ModelRequest } from '#core/provider/openai/request/request.ts';
import { Recent } from '#core/recent/recent.ts';
import { traceSession } from '#core/session/name.ts';
import { SessionCertainty, SessionSource } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { SessionPlace } from '../exchange.ts';
import { SessionKeys, type Tie, type TraceTie } from './session-keys.ts';

/** With it an application names the session itself; settable without code through OPENAI_CUSTOM_HEADERS. */
export const SESSION_HEADER = 'x-sworn-session';
const SESSION_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
/** Ids of answers that are remembered; what refers to older ones begins a new session, which the control plane joins. */
const REMEMBERED_IDS = 100_000;
const NO_KEY = new Uint8Array();
const { CERTAIN, INFERRED, UNSPECIFIED } = SessionCertainty;

/** Where an exchange that gave a tie is; what two sessions gave tells neither. */
interface Remembered {
  readonly session: string;
  readonly ambiguous: boolean;
}

/**
 * Puts exchanges into sessions, as far as this plane can know: what another plane or an earlier run has seen, the control
 * plane joins by the ties that the records have. Everything is scoped to the caller: nobody can write into the session
 * of somebody else by repeating its name or ids.
 */
export class SessionFinder {
  readonly #byTie = new Recent<Remembered>();
  readonly #maxTies: number;

  constructor(maxTies = REMEMBERED_IDS) {
    this.#maxTies = maxTies;
  }

  /**
   * The session of a request; of one that refers to nothing it is that of its connection, where there is one.
   *
   * @param key that of the deployment, empty where there is none: then records get no ties
   * @param connection the session that its connection had before
   * Throws GatewayError `invalid_request` for a malformed header.
   */
  find(
    caller: Caller,
    headers: IncomingHttpHeaders,
    content: ModelRequest,
    key: Uint8Array = NO_KEY,
    connection?: string,
  ): SessionPlace {
    const keys = new SessionKeys(key, caller);
    const traces = keys.ofTraces(content.traces);
    // Not the content: that is remembered for as long as the place.
    const turns = content.history?.turns;
    const place = this.#place(caller, headers, content, keys, traces[0], connection);
    return {
      certainty: CERTAIN,
      ties: [],
      ...place,
      // Without the key of the deployment a digest could be guessed.
      telling: key.length > 0,
      traces: key.length > 0 ? traces : [],
      tiesOf: (facts) => keys.ofAnswer(facts, turns),
    };
  }

  #place(
    caller: Caller,
    headers: IncomingHttpHeaders,
    content: ModelRequest,
    keys: SessionKeys,
    trace: TraceTie | undefined,
    connection: string | undefined,
  ): Pick<SessionPlace, 'name' | 'source'> & Partial<SessionPlace> {
    const scope = createHash('sha256').update(`${caller.issuer}\n${caller.subject}`).digest('hex');
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
    if (trace !== undefined) return { name: traceSession(trace.traceKey), source: SessionSource.TRACE };
    if (content.conversation !== undefined) {
      const digest = createHash('sha256').update(`${scope}/${content.conversation}`).digest('hex');
      return { name: `sessions/conversation-${digest.slice(0, 32)}`, source: SessionSource.CONVERSATION };
    }
    const ties = keys.ofRequest(content);
    // What is only likely must not stand against what another plane may know for certain.
    const sure = ties.filter(({ certainty }) => certainty === CERTAIN);
    for (const tie of sure.length > 0 ? sure : ties) {
      const known = this.#byTie.get(nameOf(tie));
      if (known === undefined || known.ambiguous) continue;
      const { source, certainty } = tie;
      return { name: known.session, source, certainty };
    }
    if (connection !== undefined) return { name: connection, source: SessionSource.CONNECTION };
    const name = `sessions/${uuid()}`;
    // What refers to the same again goes on in it, and is refused with it when it is revoked.
    for (const tie of sure) this.#keep(tie, name);
    return { name, source: SessionSource.NEW, certainty: UNSPECIFIED, ties: sure };
  }

  /**
   * Remembers what an answer can be referred to by, so that a later request that does joins its session. Gives what the
   * record of the answer is to have of it: records are kept for ever, and an id that is random tells nothing of anybody.
   */
  remember(session: SessionPlace, facts: ResponseFacts): readonly Tie[] {
    const ties = session.tiesOf(facts);
    for (const tie of ties) this.#keep(tie, session.name);
    return session.telling ? ties.filter(({ certainty }) => certainty === CERTAIN) : [];
  }

  #keep(tie: Tie, session: string): void {
    const name = nameOf(tie);
    const known = this.#byTie.get(name);
    const isOther = known !== undefined && known.session !== session;
    // An answer that is named is meant, even where its provider counts: then the last one of that name.
    const isNamed = tie.source === SessionSource.PREVIOUS_RESPONSE;
    const isShared = tie.certainty === INFERRED && (isOther || known?.ambiguous === true);
    this.#byTie.put(name, { session, ambiguous: isShared && !isNamed });
    if (this.#byTie.size > this.#maxTies) this.#byTie.takeOldest();
  }
}

function nameOf({ digest }: Tie): string {
  return Buffer.from(digest).toString('base64');
}
