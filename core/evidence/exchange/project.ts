import { create } from '@bufbuild/protobuf';
import { type Exchange, ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { type Record, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';

/** Which record a part of an exchange came from, and its place in the order that decides between several. */
export interface Source {
  /** Less wins: kinds that say it best come first. */
  readonly rank: number;
  readonly epoch: bigint;
  readonly seq: bigint;
  /** The record's `_id`. */
  readonly record: string;
  /** The record has a payload. */
  readonly hasPayload: boolean;
}

/** An exchange as far as its records have come, and which record each part is from. */
export interface Projection {
  readonly exchange: Exchange;
  readonly sources: { readonly base: Source; readonly outcome?: Source; readonly approval?: Source };
}

/** Less is better: which kind of record says best who asked what. */
const BASE_RANKS: Readonly<Partial<{ [kind in RecordKind]: number }>> = {
  [RecordKind.INTENT]: 0,
  [RecordKind.REFUSAL]: 1,
  [RecordKind.APPROVAL]: 2,
  [RecordKind.OUTCOME]: 3,
};
/** Less is better: which kind of record says best how it ended. */
const OUTCOME_RANKS: Readonly<Partial<{ [kind in RecordKind]: number }>> = {
  [RecordKind.OUTCOME]: 0,
  [RecordKind.REFUSAL]: 1,
};

/**
 * Adds a record to an exchange. The result is the same in whatever order, and however often, the records of its plane
 * come: each part is taken from the record that says it best, and among equals from the earliest by epoch and seq. That the
 * external detector did not answer may be of the prompt or of the answer alone: one record that says so is enough.
 *
 * An exchange belongs to the plane whose record came first. `undefined` means that the record is of another plane: it
 * is kept, but says nothing about this exchange.
 */
export function projectRecord(
  previous: Projection | undefined,
  record: Record,
  id: string,
): Projection | undefined {
  if (previous !== undefined && previous.exchange.plane !== record.plane) return undefined;
  const base = sourceOf(record, id, BASE_RANKS[record.kind]);
  const named = create(ExchangeSchema, { name: record.exchange, plane: record.plane });
  let next: Projection = previous ?? { exchange: withBase(named, record), sources: { base } };
  if (isBetter(base, next.sources.base)) {
    next = { exchange: withBase(next.exchange, record), sources: { ...next.sources, base } };
  }
  const outcome = sourceOf(record, id, OUTCOME_RANKS[record.kind]);
  if (isBetter(outcome, next.sources.outcome)) {
    next = { exchange: withOutcome(next.exchange, record), sources: { ...next.sources, outcome } };
  }
  const approval = sourceOf(record, id, record.approval === '' ? undefined : 0);
  if (isBetter(approval, next.sources.approval)) {
    next = {
      exchange: { ...next.exchange, approval: record.approval },
      sources: { ...next.sources, approval },
    };
  }
  if (record.externalDetectorMissing && !next.exchange.externalDetectorMissing) {
    next = { ...next, exchange: { ...next.exchange, externalDetectorMissing: true } };
  }
  return next;
}

function withBase(exchange: Exchange, record: Record): Exchange {
  return {
    ...exchange,
    session: record.session,
    sessionSource: record.sessionSource,
    sessionCertainty: record.sessionCertainty,
    caller: record.caller,
    route: record.route,
    model: record.model,
    stream: record.stream,
    startTime: record.time,
    policyRevision: record.policyRevision,
    decision: record.decision,
    observed: record.observed,
    promptFindings: record.kind === RecordKind.OUTCOME ? {} : record.findings,
    tokenized: record.kind === RecordKind.INTENT ? record.tokenized : {},
    breakGlass: record.kind === RecordKind.INTENT && record.breakGlass,
    grant: record.kind === RecordKind.INTENT ? record.grant : '',
    promptOpaque: record.kind === RecordKind.OUTCOME ? [] : record.opaque,
  };
}

function withOutcome(exchange: Exchange, record: Record): Exchange {
  return {
    ...exchange,
    endTime: record.time,
    responseFindings: record.kind === RecordKind.OUTCOME ? record.findings : {},
    restored: record.kind === RecordKind.OUTCOME ? record.restored : {},
    responseOpaque: record.kind === RecordKind.OUTCOME ? record.opaque : [],
    usage: record.usage,
    ...(record.costMicros === undefined ? {} : { costMicros: record.costMicros }),
    upstream: record.upstream,
    upstreamAttempts: record.upstreamAttempts,
    upstreamRequestId: record.upstreamRequestId,
    upstreamModel: record.upstreamModel,
    outcome: record.outcome,
  };
}

/** A rank of undefined or infinity never wins. */
function sourceOf(record: Record, id: string, rank = Number.POSITIVE_INFINITY): Source {
  const { epoch, seq } = record;
  return { rank, epoch, seq, record: id, hasPayload: record.ciphertextSha256.length > 0 };
}

function isBetter(source: Source, than: Source | undefined): boolean {
  if (source.rank === Number.POSITIVE_INFINITY) return false;
  if (than === undefined || source.rank !== than.rank) return source.rank < (than?.rank ?? Infinity);
  if (source.epoch !== than.epoch) return source.epoch < than.epoch;
  return source.seq < than.seq;
}
