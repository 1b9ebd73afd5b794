import { groupSession, kindOfSession, traceSession } from '#core/session/name.ts';
import {
  type Record,
  RecordKind,
  SessionCertainty,
  type SessionKey,
  SessionSource,
  type TraceLink,
} from '#proto/sworn/audit/v1/record_pb.ts';
import type { ExchangeDocument, Joined } from '../storage/record/exchanges.ts';
import type { SessionLink } from '../storage/record/session-links.ts';
import type { Places } from './places.ts';

/** What becomes known of an exchange that is not of this batch. */
export interface Mark {
  readonly joined?: Joined;
  readonly traces: readonly string[];
}

/** Exchanges that are told when the answer comes which they refer to. */
const MAX_WAITING = 50;
const MAX_TRACES = 200;
const { CERTAIN } = SessionCertainty;
const BY_TRACE: Joined = { source: SessionSource.TRACE, certainty: CERTAIN };

/** The ids of all links that a record may need. */
export function linkIds({ session, sessionKeys, traces }: Record): string[] {
  return [
    ...(session === '' ? [] : [session]),
    ...sessionKeys.map(({ digest }) => hex(digest)),
    ...traces.flatMap(({ traceKey, groupKey, responseKeys }) => [
      traceSession(traceKey),
      ...(groupKey.length === 0 ? [] : [groupSession(groupKey)]),
      ...responseKeys.map(hex),
    ]),
  ];
}

/**
 * Joins sessions by what records have in common: an id that one exchange gave and another refers to, and the traces that
 * applications export. It makes no difference which record comes first, nor how often.
 */
export class Stitch {
  readonly marks = new Map<string, Mark>();
  readonly #places: Places;
  readonly #documents: Map<string, ExchangeDocument>;
  readonly #now: Date;

  /** @param documents the exchanges of the batch, which are changed in it */
  constructor(places: Places, documents: Map<string, ExchangeDocument>, now: Date) {
    this.#places = places;
    this.#documents = documents;
    this.#now = now;
  }

  /** Takes one record in. */
  add(record: Record): void {
    const { exchange, session, kind, sessionKeys, traces } = record;
    if (session === '' || !this.#documents.has(exchange)) return;
    for (const key of sessionKeys) {
      if (kind === RecordKind.OUTCOME) this.#give(exchange, key);
      else this.#refer(exchange, key);
    }
    if (kind === RecordKind.INTENT) for (const trace of traces) this.#trace(exchange, trace);
  }

  /** An answer gave an id. */
  #give(exchange: string, key: SessionKey): void {
    const id = hex(key.digest);
    const known = this.#places.link(id);
    const session = this.#sessionOf(exchange);
    // The application named this session itself: a trace says nothing against that.
    const isNamed = kindOfSession(session) === 'header' && known?.traces !== undefined;
    const place = isNamed ? session : this.#places.join(known?.session ?? session, session);
    if (!isNamed) for (const name of known?.waiting ?? []) this.#mark(name, markOf(key));
    const { waiting: _, ...rest } = known ?? {};
    this.#set({ ...rest, _id: id, session: place, exchange: known?.exchange ?? exchange });
    if (known?.traces !== undefined) this.#mark(exchange, { joined: BY_TRACE, traces: known.traces });
  }

  /** A request refers to an id. */
  #refer(exchange: string, key: SessionKey): void {
    const id = hex(key.digest);
    const known = this.#places.link(id);
    const session = this.#sessionOf(exchange);
    const place = this.#places.join(known?.session ?? session, session);
    if (known !== undefined) this.#mark(exchange, markOf(key));
    if (known?.exchange !== undefined) return;
    const waiting = union(known?.waiting, [exchange]).slice(0, MAX_WAITING);
    this.#set({ ...known, _id: id, session: place, waiting });
  }

  /** An export has spans of answers. */
  #trace(exchange: string, { trace, traceKey, groupKey, responseKeys }: TraceLink): void {
    const own = traceSession(traceKey);
    const shown = trace === '' ? own.slice('sessions/'.length) : trace;
    if (groupKey.length > 0) this.#places.join(own, groupSession(groupKey));
    for (const digest of responseKeys) {
      const id = hex(digest);
      const known = this.#places.link(id);
      const session = known?.session ?? this.#places.resolve(own);
      if (kindOfSession(session) !== 'header') this.#places.join(own, session);
      const traces = union(known?.traces, [shown]);
      this.#set({
        ...known,
        _id: id,
        session: this.#places.link(id)?.session ?? this.#places.resolve(session),
        traces,
      });
      if (known?.exchange !== undefined) this.#mark(known.exchange, { joined: BY_TRACE, traces: [shown] });
    }
    const document = this.#documents.get(exchange);
    if (document === undefined) return;
    const sessions = union(document.sessions, [own, this.#places.resolve(own)]);
    this.#documents.set(exchange, { ...document, sessions, traces: union(document.traces, [shown]) });
  }

  #sessionOf(exchange: string): string {
    return this.#places.resolve(this.#documents.get(exchange)?.session ?? '');
  }

  #set(link: SessionLink): void {
    this.#places.set({ ...link, time: this.#now });
  }

  #mark(exchange: string, mark: Mark): void {
    const document = this.#documents.get(exchange);
    if (document !== undefined) this.#documents.set(exchange, applyMark(document, mark));
    else this.marks.set(exchange, mergeMarks(this.marks.get(exchange), mark));
  }
}

function markOf({ source }: SessionKey): Mark {
  return { joined: { source, certainty: CERTAIN }, traces: [] };
}

/** An exchange with what became known of it. The first reason for its session counts; its own header above all. */
export function applyMark(document: ExchangeDocument, mark: Mark): ExchangeDocument {
  const isNamed = kindOfSession(document.session) === 'header';
  const joined =
    isNamed && mark.joined === BY_TRACE ? document.joined : firstOf(document.joined, mark.joined);
  return {
    ...document,
    ...(joined === undefined ? {} : { joined }),
    ...(mark.traces.length === 0 ? {} : { traces: union(document.traces, mark.traces) }),
  };
}

function mergeMarks(one: Mark | undefined, other: Mark): Mark {
  const joined = firstOf(one?.joined, other.joined);
  return { ...(joined && { joined }), traces: union(one?.traces, other.traces) };
}

/** What counts before what. */
const SOURCES: readonly SessionSource[] = [
  SessionSource.TRACE,
  SessionSource.PREVIOUS_RESPONSE,
  SessionSource.CALL_ID,
  SessionSource.ITEM_ID,
];

function firstOf(one: Joined | undefined, other: Joined | undefined): Joined | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return SOURCES.indexOf(one.source) <= SOURCES.indexOf(other.source) ? one : other;
}

function union(one: readonly string[] = [], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])].slice(0, MAX_TRACES + 1);
}

function hex(digest: Uint8Array): string {
  return Buffer.from(digest).toString('hex');
}
