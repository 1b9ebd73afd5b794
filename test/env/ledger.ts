import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { AuditService, type StoredRecord } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { type Record as AuditRecord, RecordKind, RecordKindSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Env } from './env.ts';
import { until } from './until.ts';

/** They belong to no exchange. */
const ofEpochs: ReadonlySet<RecordKind> = new Set([RecordKind.EPOCH_BEGIN, RecordKind.EPOCH_END]);

/** A record that can be placed: one with its fields. */
type Entry = StoredRecord & { readonly record: AuditRecord };

/**
 * What the tests expect of the whole record: each exchange by its bare id, with the kinds of its records in order.
 * `expectWhole` proves that MongoDB has exactly this, in unbroken chains.
 */
export class Ledger {
  readonly #kinds = new Map<string, readonly (keyof typeof RecordKind)[]>();

  /** Notes an exchange; most have an intent and an outcome. */
  note(id: string | null | undefined, kinds: readonly (keyof typeof RecordKind)[] = ['INTENT', 'OUTCOME']) {
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    this.#kinds.set(String(id), kinds);
  }

  /**
   * Waits until the control plane has all of it and the plane's spool is empty, then reads everything back as an
   * auditor: nothing lost, nothing doubled, nothing else; every epoch numbered from 1 without a gap, chained, and begun
   * with the end of the one before it.
   * Returns the epochs.
   */
  async expectWhole(env: Env): Promise<bigint[]> {
    await until('an empty spool', async () => (await planeHealth(env)).spoolDepth === 0);
    const entries = await readRecords(env);
    const kinds: Record<string, string[]> = {};
    for (const { record } of entries) {
      if (ofEpochs.has(record.kind)) continue;
      const id = record.exchange.replace('exchanges/', '');
      kinds[id] ??= [];
      kinds[id].push(String(RecordKindSchema.value[record.kind]?.localName));
    }
    expect(kinds).toEqual(Object.fromEntries(this.#kinds));
    const epochs = [...new Set(entries.map(({ record }) => record.epoch))];
    let before: Entry | undefined;
    for (const epoch of epochs) {
      const ofEpoch = entries.filter(({ record }) => record.epoch === epoch);
      expectChain(ofEpoch);
      expectBegun(ofEpoch, before);
      before = ofEpoch.at(-1);
    }
    const ended = [...this.#kinds].map(([id, written]) => [
      `exchanges/${id}`,
      written.some((kind) => kind === 'OUTCOME' || kind === 'REFUSAL'),
    ]);
    expect((await readExchanges(env)).toSorted()).toEqual(ended.toSorted());
    return epochs;
  }
}

/** What the plane says of itself on its readiness probe. */
export async function planeHealth(env: Env): Promise<PlaneHealth> {
  const response = await fetch(`${env.stack.dataPlaneUrl}/healthz/ready`);
  return (await response.json()) as PlaneHealth;
}

interface PlaneHealth {
  readonly ok: boolean;
  readonly spoolDepth: number;
  readonly connected: boolean;
  readonly recording: boolean;
  readonly revision: string;
  readonly bytesUnderWay: number;
  readonly tooMuchUnderWay: number;
}

function expectChain(entries: readonly Entry[]): void {
  const numbers = entries.map(({ record }) => Number(record.seq));
  expect(numbers).toEqual(entries.map((_, index) => index + 1));
  let before: Uint8Array = new Uint8Array(32);
  for (const { record, bytes, digest } of entries) {
    expect(Buffer.from(record.prevHash)).toEqual(Buffer.from(before));
    expect(Buffer.from(digest)).toEqual(createHash('sha256').update(bytes).digest());
    before = digest;
  }
}

/** It begins with what was before it, and nothing follows its end. */
function expectBegun(entries: readonly Entry[], before: Entry | undefined): void {
  const kinds = entries.map(({ record }) => record.kind);
  expect(kinds.lastIndexOf(RecordKind.EPOCH_BEGIN)).toBe(0);
  expect([-1, kinds.length - 1]).toContain(kinds.indexOf(RecordKind.EPOCH_END));
  const previous = entries[0]?.record.previous;
  expect([previous?.epoch, previous?.seq]).toEqual([before?.record.epoch, before?.record.seq]);
  expect(Buffer.from(previous?.digest ?? [])).toEqual(Buffer.from(before?.digest ?? []));
}

/** All records of the env's plane, in the order in which they were received. */
async function readRecords(env: Env): Promise<Entry[]> {
  const entries: Entry[] = [];
  let pageToken = '';
  do {
    const page = await env.api(AuditService, 'auditor').listRecords({ pageSize: 50, pageToken });
    for (const { record, ...rest } of page.records)
      if (record?.plane === env.stack.plane) entries.push({ ...rest, record });
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return entries;
}

/** The names of all exchanges, and whether each has ended. */
async function readExchanges(env: Env): Promise<[string, boolean][]> {
  const exchanges: [string, boolean][] = [];
  let pageToken = '';
  do {
    const page = await env.api(AuditService, 'auditor').listExchanges({ pageSize: 50, pageToken });
    for (const { name, outcome } of page.exchanges) exchanges.push([name, outcome !== undefined]);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return exchanges;
}
