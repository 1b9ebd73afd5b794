import { groupSession, kindOfSession, traceSession } from '#core/session/name.ts';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import type { Record } from '#proto/sworn/audit/v1/record_pb.ts';
import { isPlane } from '../verify/chain.ts';
import type { FaultList, RecordPlace } from '../verify/fault.ts';

/** An exchange that is listed in another session than the one that was recorded. */
interface Moved {
  readonly recorded: string;
  readonly session: string;
  /** Of the first record of it that came. */
  place: RecordPlace;
}

/** An exchange that is found by further sessions. */
interface Found {
  readonly session: string;
  readonly others: readonly string[];
  /** The names of those that its own traces are of. */
  readonly traces: string[];
  place: RecordPlace;
}

/**
 * Compares the sessions that exchanges were joined to, and are found by, with the records: what joins sessions, stands in these, as digests of ids
 * that one exchange gave and another refers to, and as traces that name answers. Where no chain of them leads from the recorded
 * session to the listed one, something else than Sworn put the exchange there. Holds the names of exchanges, and the digests of
 * sessions that others were joined to.
 */
export class JoinCheck {
  readonly #sessions = new Map<string, string>();
  readonly #moved = new Map<string, Moved>();
  readonly #found = new Map<string, Found>();
  readonly #targets = new Set<string>();
  /** By name of a session, or digest in hexadecimal: one that is joined to it; of the last one of a chain, itself. */
  readonly #next = new Map<string, string>();

  /** Takes an exchange of the list, before any record: all that it was joined by is in the records then. */
  addListed({ name, session, recordedSession, otherSessions }: Exchange): void {
    this.#sessions.set(name, session);
    if (otherSessions.length > 0) {
      this.#found.set(name, { session, others: otherSessions, traces: [], place: {} });
      this.#targets.add(session);
    }
    if (recordedSession === '') return;
    this.#moved.set(name, { recorded: recordedSession, session, place: {} });
    this.#targets.add(session);
  }

  /** Takes a record of the log. */
  addRecord(record: Record, place: RecordPlace): void {
    const { exchange, plane, session, sessionKeys, traces } = record;
    if (!isPlane(plane)) return;
    const moved = this.#moved.get(exchange);
    if (moved !== undefined && moved.place.index === undefined) moved.place = place;
    const found = this.#found.get(exchange);
    if (found !== undefined && found.place.index === undefined) found.place = place;
    for (const { traceKey, groupKey, responseKeys } of traces) {
      const trace = traceSession(traceKey);
      found?.traces.push(trace);
      if (groupKey.length > 0) this.#join(trace, groupSession(groupKey));
      for (const key of responseKeys) this.#join(trace, hex(key));
    }
    // What is in no session that others were joined to, joined none.
    if (session === '' || !this.#targets.has(this.#sessions.get(exchange) ?? '')) return;
    for (const { digest } of sessionKeys) this.#join(session, hex(digest));
  }

  /** Says what is wrong, when all records have come. */
  finish(faults: FaultList): void {
    for (const [name, { session, others, traces, place }] of this.#found) {
      const known = new Set([session, ...traces].map((one) => this.#last(one)));
      const strange = others.filter((one) => !known.has(this.#last(one)));
      if (strange.length === 0) continue;
      const message = `${name} is found by ${strange.join(', ')}, and no record joins it to that`;
      faults.add('list_contradicted', message, place);
    }
    for (const [name, { recorded, session, place }] of this.#moved) {
      // A session that the application named is joined to no other.
      const isJoined = kindOfSession(recorded) !== 'header' && this.#last(recorded) === this.#last(session);
      if (isJoined) continue;
      faults.add(
        'list_contradicted',
        `${name} is listed in ${session}, and no record joins it to that`,
        place,
      );
    }
  }

  #join(one: string, other: string): void {
    const [from, into] = [this.#last(one), this.#last(other)];
    this.#next.set(from, into);
    this.#next.set(into, into);
  }

  /** The one that all of a chain lead to; on the way each is led there at once. */
  #last(name: string): string {
    let last = name;
    for (let next = this.#next.get(last); next !== undefined && next !== last; next = this.#next.get(last)) {
      last = next;
    }
    for (let at = name; at !== last; ) {
      const next = this.#next.get(at) ?? last;
      this.#next.set(at, last);
      at = next;
    }
    return last;
  }
}

function hex(digest: Uint8Array): string {
  return Buffer.from(digest).toString('hex');
}
