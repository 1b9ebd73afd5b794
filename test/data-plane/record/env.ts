import { fromBinary } from '@bufbuild/protobuf';
import { onTestFinished } from 'vitest';
import {
  OutcomeStatus,
  type Record,
  RecordKind,
  RecordSchema,
  SessionSource,
} from '#proto/sworn/audit/v1/record_pb.ts';
import type { RecordFields } from '../../../data-plane/record/fields.ts';
import { IntervalKeys } from '../../../data-plane/record/interval-key.ts';
import { openRecorder } from '../../../data-plane/record/recorder.ts';
import type { Spool } from '../../../data-plane/spool/spool.ts';
import { TestEvidenceKey } from '../../env/evidence.ts';
import { silent } from '../spool/env.ts';

export const PLANE = 'planes/test';

/** What opens the payloads of these tests. */
export const evidence = new TestEvidenceKey();

/** Interval keys that are sealed to the tests' evidence key. */
export async function testIntervalKeys(): Promise<IntervalKeys> {
  const intervalKeys = new IntervalKeys();
  onTestFinished(() => intervalKeys.close());
  await intervalKeys.use(evidence.evidenceKey);
  return intervalKeys;
}

/** A recorder that is closed when the test ends. */
export async function openTestRecorder(stateDirectory: string, intervalKeys?: IntervalKeys) {
  const keys = intervalKeys ?? (await testIntervalKeys());
  const opened = await openRecorder({ plane: PLANE, stateDirectory, intervalKeys: keys, logger: silent });
  onTestFinished(() => opened.recorder.close());
  return opened;
}

export function intent(id: string): RecordFields {
  return {
    kind: RecordKind.INTENT,
    exchange: `exchanges/${id}`,
    session: 'sessions/s',
    sessionSource: SessionSource.HEADER,
    route: 'responses.create',
    model: 'gpt-5',
    caller: { issuer: 'https://issuer.example', subject: 'ana' },
    policyRevision: 7n,
  };
}

export function outcome(id: string): RecordFields {
  return { ...intent(id), kind: RecordKind.OUTCOME, outcome: { status: OutcomeStatus.COMPLETED } };
}

/** A record with its own bytes and its payload. */
export interface Taken {
  readonly record: Record;
  readonly bytes: Uint8Array;
  readonly payload: Uint8Array;
}

/** Takes everything out of the spool. */
export async function take(spool: Spool): Promise<Taken[]> {
  const taken: Taken[] = [];
  for (;;) {
    const batch = await spool.read({ maxEntries: 100, maxBytes: 1_000_000 });
    if (batch === undefined) return taken;
    for (const { record, payload } of batch.entries) {
      taken.push({ record: fromBinary(RecordSchema, record), bytes: record, payload });
    }
    spool.acknowledge(batch.epoch, batch.firstSeq + batch.entries.length - 1);
  }
}
