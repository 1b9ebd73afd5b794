import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { RecordKind, type SealedPayload, SealedPayloadSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { RecordEntry } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { openContents } from '../../../control-plane/audit/content.ts';
import { recordsOf, showExchange } from '../../../control-plane/audit/show.ts';
import type { Context } from '../../../control-plane/context.ts';
import { findExchange } from '../../../control-plane/storage/record/exchanges.ts';
import { openTestKeys } from '../../env/evidence-keys.ts';
import { createSealer, strangerKey } from '../../env/seal.ts';
import { auditor } from './call.ts';
import { failure } from './failure.ts';
import { openStore, type Store } from './store.ts';
import { append, newName, sha256, Writer } from './writer.ts';

let store: Store;
let context: Context;
beforeAll(async () => {
  store = await openStore();
  context = store.replica();
}, 120_000);
afterAll(() => store.close());

const CANARY = 'canary-4711 Maria Beispiel';

function prompt(text: string) {
  return { content: { case: 'prompt' as const, value: { body: Buffer.from(text), method: 'POST' } } };
}

async function read(exchange: string, as = context) {
  const document = await findExchange(store.database, exchange);
  if (document === undefined) throw new Error('no exchange');
  return (await openContents(as, auditor, [document]))(document);
}

async function written(text = 'hello'): Promise<{ exchange: string; writer: Writer; entry: RecordEntry }> {
  const writer = store.writer();
  const exchange = newName('exchanges');
  const entry = writer.write({ exchange }, prompt(text));
  await append(context, writer.plane, [entry]);
  return { exchange, writer, entry };
}

/** Replaces the stored payload of an exchange, with a reference that fits it: as one who may write to the store could. */
async function replacePayload(exchange: string, bytes: Uint8Array): Promise<void> {
  const { db } = store.database;
  const record = await db.collection('records').findOne({ exchange, payload: { $exists: true } });
  const [chunk] = await db.collection('payloads').find({ exchange }).toArray();
  const digest = sha256(bytes);
  await db.collection('payloads').deleteMany({ exchange });
  const name = String(chunk?.['_id']).replace(/[0-9a-f]{64}\/0$/, `${Buffer.from(digest).toString('hex')}/0`);
  await db.collection('payloads').insertOne({ ...chunk, _id: name, data: Buffer.from(bytes) } as Document);
  const payload = { sha256: Buffer.from(digest), sizeBytes: bytes.length, chunks: 1 };
  await db.collection('records').updateOne({ _id: record?._id as never }, { $set: { payload } });
}

async function storedPayload(exchange: string): Promise<Uint8Array> {
  const [chunk] = await store.database.db.collection('payloads').find({ exchange }).toArray();
  return chunk?.['data'].buffer;
}

describe('content', () => {
  test('of several parts comes back, and no collection has a word of it', async () => {
    const writer = store.writer();
    const exchange = newName('exchanges');
    const place = { plane: writer.plane, exchange, kind: 'prompt' };
    const sealed = store.sealer.seal(place, prompt(CANARY.repeat(50)).content, 4);
    const entry = writer.write({ exchange, ...sealed.fields });
    await append(context, writer.plane, [{ ...entry, payload: sealed.payload }]);
    expect(String((await read(exchange)).prompt?.body)).toBe(CANARY.repeat(50));
    const { db } = store.database;
    let documents = 0;
    for (const { name } of await db.listCollections().toArray()) {
      for (const raw of await db.collection(name).find({}, { raw: true }).toArray()) {
        documents++;
        expect((raw as unknown as Buffer).includes('Beispiel'), name).toBe(false);
      }
    }
    expect(documents).toBeGreaterThan(3);
    expect(store.log.join()).not.toContain('Beispiel');
  });

  test('an answer in pieces, as a stream leaves it, is one answer; without a commitment it opens as well', async () => {
    const writer = store.writer();
    const exchange = newName('exchanges');
    const place = { plane: writer.plane, exchange, kind: 'delivery' };
    // Each part is a payload of its own; together they are one.
    const frames = ['one ', 'two'].map((text, index) => ({
      offsetUs: BigInt(index),
      data: Buffer.from(text),
    }));
    const [first, second] = frames.map((frame, index) => ({
      case: 'delivery' as const,
      value: { ...(index === 0 && { contentType: 'text/event-stream' }), frames: [frame] },
    }));
    const sealed = store.sealer.sealPieces(place, [first, second]);
    const fields = { kind: RecordKind.OUTCOME, exchange, ciphertextSha256: sealed.fields.ciphertextSha256 };
    const entry = writer.write(fields);
    await append(context, writer.plane, [{ ...entry, payload: sealed.payload }]);
    const { delivery } = await read(exchange);
    expect(delivery?.contentType).toBe('text/event-stream');
    expect(delivery?.frames.map(({ data }) => String(data))).toEqual(['one ', 'two']);
    // Without its end it would open as well, as another answer.
    await replacePayload(
      exchange,
      edit(sealed.payload, ({ parts }) => ({ parts: parts.slice(0, 1) })),
    );
    expect((await failure(read(exchange))).reason).toBe(Reason.CONTENT_ALTERED);
  });

  test.each<[string, (entry: RecordEntry) => Uint8Array]>([
    [
      'a flipped byte',
      ({ payload }) => edit(payload, ({ parts }) => ({ parts: parts.map((part) => flip(part, 20)) })),
    ],
    ['a part less', ({ payload }) => edit(payload, ({ parts }) => ({ parts: parts.slice(1) }))],
    [
      'another wrapped key',
      ({ payload }) => edit(payload, ({ wrappedKey }) => ({ wrappedKey: flip(wrappedKey, 30) })),
    ],
    ['no sealed payload', () => new Uint8Array([0xff])],
  ])('that was changed in the store is not shown: %s', async (_what, change) => {
    const { exchange, entry, writer } = await written();
    expect(await storedPayload(exchange)).toEqual(Buffer.from(entry.payload));
    await replacePayload(exchange, change(entry));
    const resource = `${writer.plane}/epochs/1/records/2`;
    expect(await failure(read(exchange))).toEqual({ reason: Reason.CONTENT_ALTERED, metadata: { resource } });
  });

  test('of another exchange does not open in its place', async () => {
    const [one, two] = [await written('one'), await written('two')];
    await replacePayload(one.exchange, await storedPayload(two.exchange));
    expect((await failure(read(one.exchange))).reason).toBe(Reason.CONTENT_ALTERED);
  });

  test('that is not what was committed to is not shown', async () => {
    const writer = store.writer();
    const exchange = newName('exchanges');
    const place = { plane: writer.plane, exchange, kind: 'prompt' };
    const [said, meant] = ['said', 'meant'].map((text) => store.sealer.seal(place, prompt(text).content));
    const promptCommitment = meant?.fields.promptCommitment ?? new Uint8Array();
    const entry = writer.write({ exchange, ...said?.fields, promptCommitment });
    await append(context, writer.plane, [{ ...entry, payload: said?.payload ?? new Uint8Array() }]);
    expect((await failure(read(exchange))).reason).toBe(Reason.CONTENT_ALTERED);
  });

  test('that is sealed to a key which is not here says which', async () => {
    const key = strangerKey();
    const writer = new Writer(await createSealer(key));
    const exchange = newName('exchanges');
    await append(context, writer.plane, [writer.write({ exchange }, prompt('lost'))]);
    const refused = await failure(read(exchange));
    expect(refused.reason).toBe(Reason.EVIDENCE_KEY_UNAVAILABLE);
    expect(refused.metadata['evidenceKey']).toBe(key.id);
  });

  test('opens with no other key of the same name', async () => {
    const keys = await openTestKeys();
    const { id } = await keys.provider.create(new Date());
    const writer = new Writer(await createSealer(strangerKey(id)));
    const exchange = newName('exchanges');
    await append(context, writer.plane, [writer.write({ exchange }, prompt('lost'))]);
    const refused = await failure(read(exchange, { ...context, evidenceKeys: keys.provider }));
    expect(refused.reason).toBe(Reason.CONTENT_ALTERED);
    await keys.close();
  });
});

describe('an exchange', () => {
  const show = async (exchange: string): Promise<Exchange> => {
    const document = await findExchange(store.database, exchange);
    if (document === undefined) throw new Error('no exchange');
    return showExchange(document, await recordsOf(store.database, document)).exchange;
  };
  const change = (name: string, filter: Document, fields: Document) =>
    store.database.db.collection(name).updateOne(filter, { $set: fields });

  test('is shown as its records say it, whatever was calculated from them and changed since', async () => {
    const [one, other] = [await written(), await written()];
    const before = await show(one.exchange);
    expect(before).toMatchObject({ name: one.exchange, plane: one.writer.plane });
    const foreign = await findExchange(store.database, other.exchange);
    await change('exchanges', { _id: one.exchange }, { view: Buffer.from(foreign?.view ?? []) });
    expect(await show(one.exchange)).toEqual(before);
    // A record of another exchange that is said to be of this one.
    const next = one.writer.write({ exchange: other.exchange, kind: RecordKind.OUTCOME });
    await append(context, one.writer.plane, [next]);
    await change(
      'records',
      { exchange: other.exchange, plane: one.writer.plane },
      { exchange: one.exchange },
    );
    expect(await show(one.exchange)).toEqual(before);
  });

  test('whose outcome comes while it is read is shown with what it says was delivered', async () => {
    const { exchange, writer } = await written();
    const before = await findExchange(store.database, exchange);
    if (before === undefined) throw new Error('no exchange');
    const frames = [{ data: Buffer.from('the answer') }];
    const content = { content: { case: 'delivery' as const, value: { contentType: 'text/plain', frames } } };
    await append(context, writer.plane, [writer.write({ exchange, kind: RecordKind.OUTCOME }, content)]);
    const { shown } = showExchange(before, await recordsOf(store.database, before));
    const load = await openContents(context, auditor, [before]);
    const { prompt: asked, delivery } = await load(shown);
    expect([asked?.body, delivery?.frames[0]?.data].map(String)).toEqual(['hello', 'the answer']);
    expect((await load(before)).delivery).toBeUndefined();
  });

  test('is not shown when a record of it is gone, or cannot be read', async () => {
    const [one, other] = [await written(), await written()];
    await store.database.db.collection('records').deleteOne({ exchange: one.exchange });
    await change('records', { exchange: other.exchange }, { bytes: Buffer.from([0xff]) });
    for (const { exchange } of [one, other]) {
      const shown = show(exchange);
      expect(await failure(shown)).toMatchObject({ reason: Reason.CONTENT_ALTERED });
    }
  });
});

describe('a payload that is not sealed', () => {
  test.each<[string, (entry: RecordEntry) => Uint8Array]>([
    ['plain bytes', () => Buffer.from(CANARY)],
    ['no interval key', ({ payload }) => edit(payload, () => ({ intervalKey: '' }))],
    ['no wrapped key', ({ payload }) => edit(payload, () => ({ wrappedKey: new Uint8Array() }))],
    ['no part', ({ payload }) => edit(payload, () => ({ parts: [] }))],
    [
      'another part',
      ({ payload }) => edit(payload, ({ parts }) => ({ parts: parts.map((part) => flip(part, 0)) })),
    ],
  ])('is refused: %s', async (_what, change) => {
    const writer = store.writer();
    const entry = writer.write({}, prompt('hello'));
    const refused = await failure(append(context, writer.plane, [{ ...entry, payload: change(entry) }]));
    expect(refused.reason).toBe(Reason.INVALID_ARGUMENT);
    expect(JSON.stringify(refused)).not.toContain('canary');
  });
});

/** A copy of a sealed payload, changed. */
function edit(payload: Uint8Array, change: (sealed: SealedPayload) => Partial<SealedPayload>): Uint8Array {
  const sealed = fromBinary(SealedPayloadSchema, payload);
  return toBinary(SealedPayloadSchema, create(SealedPayloadSchema, { ...sealed, ...change(sealed) }));
}

/** A copy with one bit changed. */
function flip(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
}
