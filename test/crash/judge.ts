import { hash } from 'node:crypto';
import { OutcomeStatus, type Payload, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Stored } from '../data-plane/control/plane-server.ts';
import { type Call, MARKER } from './caller.ts';
import type { LotResult } from './lot.ts';

/** What a lot shows. */
export interface Verdict {
  /** Everything that must not be, in words; empty when all holds. */
  readonly faults: string[];
  readonly exchanges: number;
  readonly interrupted: number;
  /** Streams of which callers had bytes when the plane was killed. */
  readonly brokenOff: number;
  /** Bytes that callers saw. */
  readonly seenBytes: number;
}

/**
 * Holds what callers and the provider saw against the record: every request that went upstream has a durable intent with
 * that prompt, every byte that a caller saw is in an outcome, nothing is there twice and no epoch has lost its end.
 */
export async function judge(lot: LotResult): Promise<Verdict> {
  const faults: string[] = [];
  const stored = [...lot.server.stored.values()].flat();
  checkEpochs(lot, faults);
  const intents = byExchange(stored, 'INTENT', faults);
  const outcomes = byExchange(stored, 'OUTCOME', faults);
  for (const exchange of intents.keys())
    if (!outcomes.has(exchange)) faults.push(`${exchange} has no outcome`);
  for (const exchange of outcomes.keys())
    if (!intents.has(exchange)) faults.push(`${exchange} has no intent`);
  await checkUpstream(lot, intents, faults);
  const deliveries = await checkCalls(lot, outcomes, faults);
  const interrupted = [...outcomes.values()].filter(isInterrupted).length;
  return { faults, exchanges: intents.size, interrupted, ...deliveries };
}

/** Each epoch begins with a record that names the last one of the epoch before it: what is missing would be named. */
function checkEpochs({ server }: LotResult, faults: string[]): void {
  let before: Stored | undefined;
  for (const [epoch, records] of [...server.stored].sort(([a], [b]) => Number(a - b))) {
    const begin = records[0]?.record;
    if (begin?.kind !== RecordKind.EPOCH_BEGIN) faults.push(`epoch ${epoch} has no beginning`);
    const previous = begin?.previous;
    const named =
      previous && `${previous.epoch}/${previous.seq} ${Buffer.from(previous.digest).toString('hex')}`;
    const there = before && `${before.record.epoch}/${before.record.seq} ${hash('sha256', before.bytes)}`;
    if (named !== there) faults.push(`epoch ${epoch} follows ${named}, but ${there} is there`);
    before = records.at(-1);
  }
  if (before?.record.kind !== RecordKind.EPOCH_END) faults.push('the last epoch has no end');
}

function byExchange(
  stored: readonly Stored[],
  kind: 'INTENT' | 'OUTCOME',
  faults: string[],
): Map<string, Stored> {
  const found = new Map<string, Stored>();
  for (const one of stored) {
    if (one.record.kind !== RecordKind[kind]) continue;
    const { exchange } = one.record;
    if (found.has(exchange)) faults.push(`${exchange} has a second ${kind}`);
    found.set(exchange, one);
  }
  return found;
}

async function checkUpstream(
  lot: LotResult,
  intents: ReadonlyMap<string, Stored>,
  faults: string[],
): Promise<void> {
  const intended = new Map<string, number>();
  for (const one of intents.values()) {
    const { content } = await open(lot, one);
    const body = content.case === 'prompt' ? Buffer.from(content.value.body).toString() : '';
    const marker = MARKER.exec(body)?.[0] ?? 'nothing';
    intended.set(marker, (intended.get(marker) ?? 0) + 1);
  }
  for (const [marker, count] of intended) if (count > 1) faults.push(`${marker} was intended ${count} times`);
  const seen = new Set<string>();
  for (const marker of lot.upstream) {
    if (seen.has(marker)) faults.push(`the provider saw ${marker} twice`);
    if (!intended.has(marker)) faults.push(`the provider saw ${marker}, which no intent has`);
    seen.add(marker);
  }
}

async function checkCalls(lot: LotResult, outcomes: ReadonlyMap<string, Stored>, faults: string[]) {
  let brokenOff = 0;
  let seenBytes = 0;
  for (const call of lot.calls) {
    if (call.body.byteLength === 0) continue;
    seenBytes += call.body.byteLength;
    const isBroken = call.stream && !call.complete;
    if (isBroken) brokenOff += 1;
    const outcome = outcomes.get(`exchanges/${call.exchange}`);
    const fault = outcome === undefined ? 'no outcome' : await compare(lot, call, outcome);
    if (fault !== undefined)
      faults.push(`${call.exchange}, of which a caller saw ${call.body.byteLength} bytes: ${fault}`);
  }
  return { brokenOff, seenBytes };
}

/** What is wrong with the record of what this caller saw; undefined when nothing is. */
async function compare(lot: LotResult, call: Call, outcome: Stored): Promise<string | undefined> {
  if (outcome.payload.byteLength === 0) return 'the outcome has no payload';
  const { content } = await open(lot, outcome);
  if (content.case !== 'delivery') return 'the payload is no delivery';
  const recorded = Buffer.concat(content.value.frames.map(({ data }) => data));
  if (!recorded.subarray(0, call.body.byteLength).equals(call.body))
    return `${recorded.byteLength} others are recorded`;
  if (!call.complete) return undefined;
  if (recorded.byteLength !== call.body.byteLength)
    return `${recorded.byteLength} are recorded of a whole answer`;
  return isInterrupted(outcome) ? 'it was whole, and is recorded as interrupted' : undefined;
}

function isInterrupted({ record }: Stored): boolean {
  return record.outcome?.status === OutcomeStatus.INTERRUPTED;
}

function open({ server }: LotResult, { record, payload }: Stored): Promise<Payload> {
  return server.evidence.open(record, payload);
}
