import { createHash, randomBytes } from 'node:crypto';
import { create, fromBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { verifyCommitment } from '#core/evidence/commitment/commit.ts';
import { PromptTextSchema } from '#proto/sworn/approval/v1/approval_pb.ts';
import { SealedPayloadSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { ExchangeSeal } from '../../../data-plane/record/exchange-seal.ts';
import { evidence, PLANE, testIntervalKeys } from './env.ts';

const BODY = Buffer.from('{"model":"gpt-5","input":"Mrs. Ada Example, MRN 12345678"}');
const MIB = 1024 * 1024;

async function newSeal(exchange = 'exchanges/1'): Promise<ExchangeSeal> {
  const key = await (await testIntervalKeys()).take();
  if (key === undefined) throw new Error('no interval key');
  return new ExchangeSeal(PLANE, exchange, key);
}

const place = (exchange = 'exchanges/1', plane = PLANE) => ({ plane, exchange });

/** SHA-256 over length and bytes of each part, as record.proto has it. */
function digestOf(payload: Uint8Array): Buffer {
  const sum = createHash('sha256');
  for (const part of fromBinary(SealedPayloadSchema, payload).parts) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    sum.update(length).update(part);
  }
  return sum.digest();
}

describe('what is sealed', () => {
  test('a prompt opens with the evidence key and at its own place, and nothing of it can be read before', async () => {
    const { payload, fields } = await (await newSeal()).prompt({ body: BODY, method: 'POST', path: '/v1/x' });
    expect(Buffer.from(payload).includes('Mrs. Ada')).toBe(false);
    const { content, commitmentKey } = await evidence.openFor(place(), 'prompt', payload);
    expect(content).toMatchObject({ case: 'prompt', value: { method: 'POST', path: '/v1/x' } });
    expect(content.case === 'prompt' && Buffer.from(content.value.body)).toEqual(BODY);
    expect(Buffer.from(fields.ciphertextSha256)).toEqual(digestOf(payload));
    const commitment = fields.promptCommitment ?? new Uint8Array();
    expect(() => verifyCommitment(commitment, commitmentKey, 'prompt', BODY)).not.toThrow();
    const other = Buffer.concat([BODY, Buffer.from(' ')]);
    expect(() => verifyCommitment(commitment, commitmentKey, 'prompt', other)).toThrow();
    for (const [where, kind] of [
      [place('exchanges/2'), 'prompt'],
      [place('exchanges/1', 'planes/other'), 'prompt'],
      [place(), 'delivery'],
    ] as const) {
      await expect(evidence.openFor(where, kind, payload)).rejects.toMatchObject({ code: 'altered' });
    }
  });

  test('a delivery keeps its frames and their times, and commits to their bytes on end', async () => {
    const seal = await newSeal();
    const frames = ['data: one\n\n', 'data: two\n\n'].map((text, index) => ({
      offsetUs: BigInt(index),
      data: Buffer.from(text),
    }));
    const { payload, fields } = await seal.delivery('text/event-stream', frames, []);
    const { content, commitmentKey } = await evidence.openFor(place(), 'delivery', payload);
    expect(content).toMatchObject({ case: 'delivery', value: { contentType: 'text/event-stream' } });
    const opened = content.case === 'delivery' ? content.value.frames : [];
    expect(opened.map(({ offsetUs, data }) => [offsetUs, Buffer.from(data).toString()])).toEqual([
      [0n, 'data: one\n\n'],
      [1n, 'data: two\n\n'],
    ]);
    const delivered = Buffer.from('data: one\n\ndata: two\n\n');
    expect(() =>
      verifyCommitment(fields.responseCommitment ?? new Uint8Array(), commitmentKey, 'delivery', delivered),
    ).not.toThrow();
  });

  test('a question has its texts and no commitment', async () => {
    const texts = [create(PromptTextSchema, { place: 'input', text: 'May I?' })];
    const { payload, fields } = await (await newSeal()).question(texts);
    expect((await evidence.openFor(place(), 'question', payload)).content).toMatchObject({
      case: 'question',
      value: { texts: [{ place: 'input', text: 'May I?' }] },
    });
    expect(Object.keys(fields)).toEqual(['ciphertextSha256', 'keysSha256']);
  });

  test('the payloads of an exchange share its key, and nothing is sealed alike twice', async () => {
    const seal = await newSeal();
    const [first, second] = [await seal.prompt({ body: BODY }), await seal.prompt({ body: BODY })];
    const [one, two] = [first, second].map(({ payload }) => fromBinary(SealedPayloadSchema, payload));
    expect(one?.wrappedKey).toEqual(two?.wrappedKey);
    expect(one?.intervalKey).toBe(two?.intervalKey);
    expect(one?.parts).not.toEqual(two?.parts);
    expect(first.fields.promptCommitment).not.toEqual(second.fields.promptCommitment);
  });
});

describe('large content', () => {
  test.each([
    ['just small', 256 * 1024 - 100, 1],
    ['of one piece', MIB - 1000, 1],
    ['of many pieces', 5 * MIB, 6],
  ])('that is %s is sealed whole', async (_what, bytes, parts) => {
    const body = randomBytes(bytes);
    const { payload, fields } = await (await newSeal()).prompt({ body, method: 'POST' });
    expect(fromBinary(SealedPayloadSchema, payload).parts).toHaveLength(parts);
    const { content, commitmentKey } = await evidence.openFor(place(), 'prompt', payload);
    expect(content.case === 'prompt' && Buffer.compare(content.value.body, body)).toBe(0);
    expect(Buffer.from(fields.ciphertextSha256)).toEqual(digestOf(payload));
    const commitment = fields.promptCommitment ?? new Uint8Array();
    expect(() => verifyCommitment(commitment, commitmentKey, 'prompt', body)).not.toThrow();
  });

  test('other work goes on while it is sealed', async () => {
    const seal = await newSeal();
    let turns = 0;
    const tick = () => {
      turns += 1;
      timer = setImmediate(tick);
    };
    let timer = setImmediate(tick);
    await seal.prompt({ body: randomBytes(8 * MIB) });
    clearImmediate(timer);
    expect(turns).toBeGreaterThanOrEqual(8);
  });
});
