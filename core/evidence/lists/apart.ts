import {
  compareSessions,
  groupSession,
  kindOfSession,
  MAX_MOVED_EXCHANGES,
  traceSession,
} from '#core/session/name.ts';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { type Record, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import type { FaultList, RecordPlace } from '../verify/fault.ts';

/** An id joins what has it within 90 days; who deletes it then is some minutes late, and clocks differ. */
const SURE_MS = 89 * 24 * 60 * 60 * 1_000;

interface Listed {
  readonly name: string;
  readonly plane: string;
  readonly session: string;
  /** When the first record of it came, in ms. */
  sinceMs: number;
}

/** Ids and names of sessions that traces join, or on which exchanges part, and an exchange that has one of them. */
interface Joined {
  listed?: Listed;
  /** A trace is among them. */
  isTraced: boolean;
  /** An exchange in a session that the application named has one of them. */
  isNamed: boolean;
  /** When the first record of it came, in ms. */
  readonly sinceMs: number;
  into?: Joined;
}

/** By what they have in common: the first exchange that has it, or all that is joined by it. There are very many of the former. */
type Ties = Map<string, Listed | Joined>;

/** Two exchanges that records join, and that are listed in two sessions. */
interface Apart {
  readonly one: Listed;
  readonly other: Listed;
  readonly joined: readonly Joined[];
  readonly place: RecordPlace;
}

/**
 * Looks for exchanges that the records put into one session, and that are listed in two: one of them was taken out, or never
 * joined because the store was told to forget what leads there. Only what is certain counts: ids that were received within 90 days,
 * no sessions of more than may be moved, no traces of exchanges whose session the application named. Holds the ids of 89 days,
 * and the names of exchanges and sessions.
 */
export class ApartCheck {
  readonly #listed = new Map<string, Listed>();
  /** How many exchanges each session has. */
  readonly #counts = new Map<string, number>();
  /** By the names of sessions that were recorded, of traces and of groups: these join for good. */
  readonly #names: Ties = new Map();
  /** By digest, those that came first before others. */
  readonly #ids: Ties = new Map();
  readonly #apart = new Map<string, Apart>();

  /** Takes an exchange of the list, before any record. */
  addListed({ name, plane, session, recordedSession }: Exchange): void {
    if (session === '') return;
    const listed = { name, plane, session, sinceMs: Number.POSITIVE_INFINITY };
    this.#listed.set(name, listed);
    this.#counts.set(session, (this.#counts.get(session) ?? 0) + 1);
    this.#take(this.#names, recordedSession === '' ? session : recordedSession, listed, {});
  }

  /** Takes a record of the log. @param receivedMs when it came; undefined where nobody says so */
  addRecord(record: Record, place: RecordPlace, receivedMs: number | undefined): void {
    const { exchange, plane, session, kind, sessionKeys, traces } = record;
    const listed = this.#listed.get(exchange);
    // Of an exchange that two planes claim the first one's records count.
    if (listed?.plane !== plane || session === '' || receivedMs === undefined) return;
    listed.sinceMs = Math.min(listed.sinceMs, receivedMs);
    this.#forget(receivedMs);
    for (const { digest } of sessionKeys) this.#take(this.#ids, idOf(digest), listed, place);
    if (kind !== RecordKind.INTENT) return;
    for (const { traceKey, groupKey, responseKeys } of traces) {
      const trace = joinedAt(this.#names, traceSession(traceKey), receivedMs);
      if (groupKey.length > 0)
        this.#join(trace, joinedAt(this.#names, groupSession(groupKey), receivedMs), place);
      for (const key of responseKeys) this.#join(trace, joinedAt(this.#ids, idOf(key), receivedMs), place);
    }
  }

  /** Names of exchanges to be looked at again: they may have been joined while the list was read. */
  open(): Set<string> {
    return new Set(Array.from(this.#apart.values(), ({ one, other }) => [one.name, other.name]).flat());
  }

  /**
   * Says what is wrong.
   * @param after those of `open` that are listed after the records were read
   */
  finish(after: ReadonlyMap<string, Exchange>, faults: FaultList): void {
    for (const { one, other, joined, place } of this.#apart.values()) {
      const isMoving = [one, other].some(({ name, session }) => after.get(name)?.session !== session);
      if (isMoving || mayBeApart(one, other, joined) || this.#isLarge(one, other)) continue;
      faults.add(
        'list_contradicted',
        `${one.name} is listed in ${one.session}, and records join it to ${other.name} in ${other.session}`,
        place,
      );
    }
  }

  #take(ties: Ties, name: string, listed: Listed, place: RecordPlace): void {
    const known = ties.get(name);
    if (known === undefined) {
      ties.set(name, listed);
      return;
    }
    if ('session' in known && known.session === listed.session) return;
    const found = last(joinedAt(ties, name, listed.sinceMs));
    if (isNamed(listed)) found.isNamed = true;
    if (found.listed !== undefined) this.#compare([found], found.listed, listed, place);
    else if (!found.isTraced || !found.isNamed) found.listed = listed;
  }

  #join(trace: Joined, other: Joined, place: RecordPlace): void {
    const [left, right] = [last(trace), last(other)];
    left.isTraced = true;
    right.isTraced = true;
    if (left === right || left.isNamed || right.isNamed) return;
    if (left.listed !== undefined && right.listed !== undefined) {
      this.#compare([left, right], left.listed, right.listed, place);
      if (left.listed.session !== right.listed.session) return;
    }
    left.into = right;
    if (left.listed !== undefined) right.listed = left.listed;
  }

  #compare(joined: readonly Joined[], left: Listed, right: Listed, place: RecordPlace): void {
    if (left.session === right.session || mayBeApart(left, right, joined)) return;
    // What was taken out is rather in the session that tells less.
    const isLeft = compareSessions(left.session, right.session) > 0;
    const [one, other] = isLeft ? [left, right] : [right, left];
    const key = `${one.name} ${other.session}`;
    if (!this.#apart.has(key)) this.#apart.set(key, { one, other, joined, place });
  }

  #isLarge(one: Listed, other: Listed): boolean {
    const count = ({ session }: Listed) => this.#counts.get(session) ?? 0;
    return count(one) + count(other) > MAX_MOVED_EXCHANGES;
  }

  #forget(nowMs: number): void {
    for (const [id, { sinceMs }] of this.#ids) {
      if (sinceMs + SURE_MS >= nowMs) return;
      this.#ids.delete(id);
    }
  }
}

/** All that is joined by an id or a name; at first that is the exchange that has it. */
function joinedAt(ties: Ties, name: string, sinceMs: number): Joined {
  const known = ties.get(name);
  if (known !== undefined && !('session' in known)) return known;
  const made: Joined = { isTraced: false, isNamed: false, sinceMs: known?.sinceMs ?? sinceMs };
  if (known !== undefined) Object.assign(made, { listed: known, isNamed: isNamed(known) });
  ties.set(name, made);
  return made;
}

function idOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString('latin1');
}

/** Two sessions that the application named stay two, and traces join no session that it named. */
function mayBeApart(one: Listed, other: Listed, joined: readonly Joined[]): boolean {
  const isUnsure = joined.map(last).some((all) => all.isTraced && all.isNamed);
  return isUnsure || (isNamed(one) && isNamed(other));
}

/** Whether it is in a session that the application named. */
function isNamed({ session }: Listed): boolean {
  return kindOfSession(session) === 'header';
}

/** The one that all of a chain lead to; on the way each is led there at once. */
function last(joined: Joined): Joined {
  let found = joined;
  while (found.into !== undefined) found = found.into;
  for (let at = joined; at.into !== undefined && at.into !== found; ) {
    const next = at.into;
    at.into = found;
    at = next;
  }
  return found;
}
