import { createHash } from 'node:crypto';
import { type Collection, type Document, Int32, Long } from 'mongodb';
import { type Counter, counterId } from '#core/limit/counter.ts';
import { slotEndMs } from '#core/limit/window.ts';
import type { ClientSession, Database } from '../database.ts';
import type { Page } from '../keyset.ts';
import { PLAIN_TYPES } from '../plain-types.ts';

export const USAGE_COLLECTION = 'usage';

/** What a counter has for one slot. */
export interface UsageSlot {
  readonly counter: Counter;
  readonly slot: number;
  readonly amount: bigint;
}

/** A slot as it is stored. */
export interface StoredUsage extends UsageSlot {
  readonly id: string;
  /** By the store's clock. */
  readonly changeTime: Date;
}

/** What a counter has for the whole of its limit's time. */
export interface UsageSum {
  readonly key: string;
  readonly counter: Counter;
  readonly used: bigint;
}

interface UsageDocument extends Counter {
  readonly _id: string;
  /** The counter's id. */
  readonly key: string;
  readonly slot: bigint;
  readonly amount: bigint;
  readonly changeTime: Date;
  /** From then on it counts no more. */
  readonly countsUntil: Date;
  readonly expireTime: Date;
}

interface ReportDocument {
  readonly _id: string;
  readonly epoch: string;
  readonly seq: bigint;
}

/** What counts no more is kept for a while, as the clocks of planes differ: an hour, or the limit's own time if that is shorter. */
const GRACE_SECONDS = 3_600;
const ID_BYTES = 18;

/** True when this report of a plane is new, which is noted; false when it, or a later one, has been stored. */
export async function noteReport(
  database: Database,
  session: ClientSession,
  plane: string,
  epoch: string,
  seq: bigint,
): Promise<boolean> {
  const reports = database.db.collection<ReportDocument>('usageReports', PLAIN_TYPES);
  const last = await reports.findOne({ _id: plane }, { session });
  if (last !== null && last.epoch === epoch && last.seq >= seq) return false;
  await reports.replaceOne({ _id: plane }, { epoch, seq }, { upsert: true, session });
  return true;
}

/** More no program counts exactly; a plane that reports without measure must not make the sum one that nobody can read or add to. */
const MAX_AMOUNT = Long.fromNumber(Number.MAX_SAFE_INTEGER);

/** Adds to slots, up to MAX_AMOUNT in each. */
export async function addUsage(
  database: Database,
  session: ClientSession,
  added: readonly UsageSlot[],
): Promise<void> {
  if (added.length === 0) return;
  const operations = added.map(({ counter, slot, amount }) => {
    const { policy, limit, per, issuer, subject, unit, everySeconds } = counter;
    const endMs = slotEndMs(everySeconds, slot);
    const first = {
      key: counterId(counter),
      ...{ policy, limit, issuer, subject, slot: Long.fromNumber(slot) },
      ...{ per: new Int32(per), unit: new Int32(unit), everySeconds: new Int32(everySeconds) },
      countsUntil: new Date(endMs),
      expireTime: new Date(endMs + Math.min(GRACE_SECONDS, everySeconds) * 1_000),
    };
    return {
      updateOne: {
        filter: { _id: idOf(counter, slot) },
        update: [
          {
            $set: {
              ...mapValues(first, (value, name) => ({ $ifNull: [`$${name}`, { $literal: value }] })),
              amount: {
                $min: [MAX_AMOUNT, { $add: [{ $ifNull: ['$amount', Long.ZERO] }, Long.fromBigInt(amount)] }],
              },
              changeTime: '$$NOW',
            },
          },
        ],
        upsert: true,
      },
    };
  });
  await database.db.collection(USAGE_COLLECTION).bulkWrite(operations as never, { session });
}

function mapValues(object: object, map: (value: unknown, name: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value, name)]));
}

/** What these slots have now. */
export async function readUsage(database: Database, slots: readonly UsageSlot[]): Promise<StoredUsage[]> {
  const ids = slots.map(({ counter, slot }) => idOf(counter, slot));
  const found = await usage(database)
    .find({ _id: { $in: ids } })
    .toArray();
  return found.map(toStored);
}

/** Slots that changed at this time or later, by the store's clock; the longest ago first. */
export async function* listChangedUsage(database: Database, since: Date): AsyncGenerator<StoredUsage> {
  const cursor = usage(database)
    .find({ changeTime: { $gte: since } })
    .sort({ changeTime: 1, _id: 1 });
  for await (const document of cursor) yield toStored(document);
}

/** The slot that changed last; undefined when there is none. */
export async function findNewestUsage(database: Database): Promise<StoredUsage | undefined> {
  const [newest] = await usage(database).find().sort({ changeTime: -1, _id: -1 }).limit(1).toArray();
  return newest && toStored(newest);
}

/** Every slot that counts at a moment. */
export async function* listLiveUsage(database: Database, now: Date): AsyncGenerator<StoredUsage> {
  for await (const document of usage(database).find({ countsUntil: { $gt: now } })) yield toStored(document);
}

/** One page of counters with what counts at a moment, by key, and one more when there is a further page. */
export async function sumUsage(
  database: Database,
  policy: string,
  now: Date,
  page: Page,
): Promise<UsageSum[]> {
  const found = await usage(database)
    .aggregate<{ _id: string; used: bigint; any: UsageDocument }>([
      {
        $match: {
          countsUntil: { $gt: now },
          ...(policy !== '' && { policy }),
          ...(page.after !== undefined && { key: { $gt: page.after } }),
        },
      },
      { $group: { _id: '$key', used: { $sum: '$amount' }, any: { $first: '$$ROOT' } } },
      { $sort: { _id: 1 } },
      { $limit: page.limit + 1 },
    ] satisfies Document[])
    .toArray();
  return found.map(({ _id, used, any }) => ({ key: _id, counter: toCounter(any), used: BigInt(used) }));
}

function idOf(counter: Counter, slot: number): string {
  const digest = createHash('sha256').update(counterId(counter)).digest().subarray(0, ID_BYTES);
  return `${digest.toString('base64url')}/${slot}`;
}

function toStored(document: UsageDocument): StoredUsage {
  const { _id, slot, amount, changeTime } = document;
  const counter = toCounter(document);
  return { id: _id, counter, slot: Number(slot), amount: BigInt(amount), changeTime };
}

function toCounter({ policy, limit, per, issuer, subject, unit, everySeconds }: UsageDocument): Counter {
  return { policy, limit, per, issuer, subject, unit, everySeconds };
}

function usage(database: Database): Collection<UsageDocument> {
  return database.db.collection<UsageDocument>(USAGE_COLLECTION, PLAIN_TYPES);
}
