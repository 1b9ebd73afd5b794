import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, onTestFinished, test } from 'vitest';
import { verifyCommitment } from '#core/evidence/commitment/commit.ts';
import { keysDigest } from '#core/evidence/seal/seal.ts';
import { OutcomeStatus, RecordKind, SealedPayloadSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Answer, DeliveredFrame } from '../../../data-plane/listener/answer.ts';
import { IntervalKeys } from '../../../data-plane/record/interval-key.ts';
import type { Recorder } from '../../../data-plane/record/recorder.ts';
import { MAX_CONTENT_BYTES } from '../../../data-plane/record/size.ts';
import { Trail } from '../../../data-plane/record/trail.ts';
import { temporaryDirectory } from '../spool/env.ts';
import { evidence, openTestRecorder, type Taken, take } from './env.ts';

const { INTENT, OUTCOME, REFUSAL, EPOCH_BEGIN } = RecordKind;
const EVENT_STREAM = 'text/event-stream; charset=utf-8';
const BODY = Buffer.from('{"model":"gpt-5","input":"Mrs. Ada Canary, MRN 12345678"}');
const FRAMES: readonly DeliveredFrame[] = [
  'data: {"text":"Canary"}\n\n',
  'data: {}\n\n',
  `data: ${'Canary '.repeat(100)}\n\n`,
].map((text, index) => ({ offsetUs: BigInt(index * 1000), data: Buffer.from(text) }));

function newTrail(recorder: Recorder, id = '1'): Trail {
  const trail = new Trail(recorder, { id, method: 'POST', path: '/v1/responses?x=Canary', route: 'r' });
  trail.known.body = BODY;
  return trail;
}

/** An answer of these frames, as far as a trail looks at one. */
function answerOf(frames: readonly DeliveredFrame[]): Answer {
  return { frames, status: 200, contentType: EVENT_STREAM, errorCode: '' } as unknown as Answer;
}

async function open({ record, payload }: Taken) {
  return evidence.open(record, payload);
}

/** All that the plane has on its disk. */
async function diskOf(directory: string): Promise<Buffer> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  );
  // Files of the frame log go in the background.
  const read = (path: string) => readFile(path).catch(() => Buffer.of());
  return Buffer.concat(await Promise.all(files.map((one) => read(join(one.parentPath, one.name)))));
}

test('what was asked and delivered is in its records, committed to, and on no disk in the clear', async () => {
  const directory = await temporaryDirectory();
  const { recorder, spool } = await openTestRecorder(directory);
  const trail = newTrail(recorder);
  await trail.intend();
  await trail.question([]);
  for (const frame of FRAMES) trail.keep(frame, EVENT_STREAM);
  const during = await diskOf(directory);
  expect(during.includes('exchanges/1')).toBe(true);
  await trail.conclude(OutcomeStatus.COMPLETED, answerOf(FRAMES));
  for (const disk of [during, await diskOf(directory)]) {
    for (const word of ['Canary', 'Mrs. Ada', '12345678', 'data: '])
      expect(disk.includes(word), word).toBe(false);
  }

  const [, intent, outcome] = await take(spool);
  if (intent === undefined || outcome === undefined) throw new Error('there are two records');
  const [asked, delivered] = [await open(intent), await open(outcome)];
  expect(asked.content).toMatchObject({ case: 'prompt', value: { path: '/v1/responses?x=Canary' } });
  verifyCommitment(intent.record.promptCommitment, asked.commitmentKey, 'prompt', BODY);
  expect(delivered.content).toMatchObject({ case: 'delivery', value: { contentType: EVENT_STREAM } });
  const bytes = Buffer.concat(FRAMES.map(({ data }) => data));
  verifyCommitment(outcome.record.responseCommitment, delivered.commitmentKey, 'delivery', bytes);
});

describe('after a crash', () => {
  test('the outcome has exactly what was delivered, and its frames are gone', async () => {
    const directory = await temporaryDirectory();
    const first = await openTestRecorder(directory);
    const trail = newTrail(first.recorder);
    await trail.intend();
    for (const frame of FRAMES) trail.keep(frame, EVENT_STREAM);
    const silent = newTrail(first.recorder, '2');
    await silent.intend();
    await first.recorder.close();

    const second = await openTestRecorder(directory);
    const taken = (await take(second.spool)).slice(-2);
    expect(taken.map(({ record }) => record.exchange)).toEqual(['exchanges/1', 'exchanges/2']);
    const [interrupted, nothing] = taken;
    if (interrupted === undefined) throw new Error('there is an outcome');
    expect(interrupted.record).toMatchObject({
      kind: OUTCOME,
      outcome: { status: OutcomeStatus.INTERRUPTED },
    });
    expect(interrupted.record.responseCommitment).toHaveLength(0);
    const keys = keysDigest(fromBinary(SealedPayloadSchema, interrupted.payload));
    expect(Buffer.from(interrupted.record.keysSha256)).toEqual(keys);
    const { content, commitmentKey } = await open(interrupted);
    expect(commitmentKey).toHaveLength(32);
    if (content.case !== 'delivery') throw new Error('an outcome has a delivery');
    expect(content.value.contentType).toBe(EVENT_STREAM);
    expect(content.value.frames.map(({ offsetUs, data }) => ({ offsetUs, data: Buffer.from(data) }))).toEqual(
      FRAMES,
    );
    expect(nothing?.payload).toHaveLength(0);
    expect(nothing?.record.ciphertextSha256).toHaveLength(0);
    await second.recorder.close();
    expect((await readdir(join(directory, 'spool'))).some((name) => name.includes('frames'))).toBe(false);
    const third = await openTestRecorder(directory);
    expect((await take(third.spool)).map(({ record }) => record.kind)).toEqual([EPOCH_BEGIN]);
  });

  test('an exchange whose outcome was durable stays as it ended', async () => {
    const directory = await temporaryDirectory();
    const { recorder } = await openTestRecorder(directory);
    const trail = newTrail(recorder);
    await trail.intend();
    for (const frame of FRAMES) trail.keep(frame, EVENT_STREAM);
    await trail.conclude(OutcomeStatus.COMPLETED, answerOf(FRAMES));
    await recorder.close();
    const { spool } = await openTestRecorder(directory);
    expect((await take(spool)).map(({ record }) => record.kind)).toEqual([
      EPOCH_BEGIN,
      INTENT,
      OUTCOME,
      EPOCH_BEGIN,
    ]);
  });
});

describe('a request that is too large to be recorded', () => {
  const MIB = 1024 * 1024;
  test.each([
    ['could not be opened again', Buffer.alloc(33 * MIB, 'a')],
    ['no control plane would take', randomBytes(32.3 * MIB)],
  ])('with its copy that has tokens, which %s, is refused, and that is on record', async (_why, body) => {
    const { recorder, spool } = await openTestRecorder(await temporaryDirectory());
    const trail = newTrail(recorder);
    trail.known.body = body;
    trail.known.tokenized = { entries: [], sent: body };
    await expect(trail.intend()).rejects.toMatchObject({ code: 'body_too_large', retry: false });
    await trail.conclude(OutcomeStatus.REFUSED, answerOf([]));
    const [, refusal] = await take(spool);
    if (refusal?.record.kind !== REFUSAL) throw new Error('there is a refusal');
    const { content } = await open(refusal);
    expect(content.case === 'prompt' && [content.value.body.length, content.value.sent.length]).toEqual([
      body.length,
      0,
    ]);
  });

  test('is none that the plane takes and no policy wants tokens in, whatever it holds', async () => {
    const { recorder, spool } = await openTestRecorder(await temporaryDirectory());
    const trail = newTrail(recorder);
    trail.known.body = randomBytes(MAX_CONTENT_BYTES);
    await trail.intend();
    const [, intent] = await take(spool);
    if (intent === undefined) throw new Error('there is an intent');
    expect((await open(intent)).content.case).toBe('prompt');
  });
});

describe('without an evidence key', () => {
  test('nothing goes on, and the refusal is on record without content', async () => {
    const keys = new IntervalKeys();
    onTestFinished(() => keys.close());
    const directory = await temporaryDirectory();
    const { recorder, spool } = await openTestRecorder(directory, keys);
    const trail = newTrail(recorder);
    await expect(trail.intend()).rejects.toMatchObject({ code: 'record_failed' });
    await expect(trail.question([])).rejects.toMatchObject({ code: 'record_failed' });
    expect(() => trail.keep({ offsetUs: 0n, data: BODY }, EVENT_STREAM)).toThrow('cannot be written');
    await trail.conclude(OutcomeStatus.REFUSED, answerOf([]));
    const [, refusal, ...others] = await take(spool);
    expect(others).toEqual([]);
    expect(refusal?.record).toMatchObject({ kind: REFUSAL, exchange: 'exchanges/1' });
    expect(refusal?.payload).toHaveLength(0);
    expect((await diskOf(directory)).includes('Canary')).toBe(false);
  });
});
