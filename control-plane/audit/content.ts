import { fromBinary } from '@bufbuild/protobuf';
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { verifyCommitment } from '#core/evidence/commitment/commit.ts';
import { verifyPrompt } from '#core/evidence/commitment/prompt.ts';
import { EvidenceError } from '#core/evidence/error.ts';
import { contentKind } from '#core/evidence/verify/payload.ts';
import {
  type Delivery,
  type Erasure,
  type Payload,
  type Prompt,
  type Record,
  RecordSchema,
} from '#proto/sworn/audit/v1/record_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Context } from '../context.ts';
import { type ExchangeDocument, findErased, findExchange } from '../storage/record/exchanges.ts';
import { PayloadError, readPayload } from '../storage/record/payloads.ts';
import { findRecord, hasErasure, type RecordDocument } from '../storage/record/records.ts';
import { recordActions } from './actions.ts';
import { checkStated, readSealed } from './sealed.ts';
import { altered, unseal } from './unseal.ts';
import { viewErasure } from './view.ts';

/** What was asked and what was delivered, as far as it is recorded. */
export interface Content {
  readonly prompt?: Prompt;
  readonly delivery?: Delivery;
  /** Set when it was erased, like the next. */
  readonly erasure?: Erasure;
  readonly eraseTime?: Timestamp;
}

/**
 * The one way to content: records that `reader` reads these exchanges, and only then gives the function that loads
 * them. Recording fails: nothing is read. What is given is what was recorded: the digest of its ciphertext and its
 * commitment are checked. Of what was erased it gives why; it is erased only where a record says so, and of what is
 * erased whole no reading is recorded.
 *
 * The function throws ConnectError EVIDENCE_KEY_UNAVAILABLE, CONTENT_ALTERED.
 */
export async function openContents(
  context: Context,
  reader: Caller,
  documents: readonly ExchangeDocument[],
): Promise<(document: ExchangeDocument) => Promise<Content>> {
  const names = new Set(documents.filter(hasContent).map((document) => document._id));
  const actions = [...names].map((resource) => ({
    caller: reader,
    action: 'content.read' as const,
    resource,
  }));
  await context.database.transaction((session) => recordActions(context, session, actions));
  return async (document) => {
    if (!hasContent(document)) return await explainErased(context, document);
    if (!names.has(document._id)) throw new Error(`the reading of ${document._id} was not recorded`);
    return await loadContent(context, document);
  };
}

/** Whether there may be something left of it. */
function hasContent({ erasure, expireTime }: ExchangeDocument): boolean {
  return erasure === undefined || expireTime !== undefined;
}

/** @throws ConnectError CONTENT_ALTERED when the store says that it is erased, and no record does */
async function explainErased(context: Context, document: ExchangeDocument): Promise<Content> {
  const { _id: name } = document;
  if (!(await hasErasure(context.database, name))) throw altered(name, 'it is gone, and no record says why');
  return viewErasure(document);
}

async function loadContent(context: Context, document: ExchangeDocument): Promise<Content> {
  const { base, outcome } = document.sources;
  const ids = [base, outcome].flatMap((source) => (source?.hasPayload ? [source.record] : []));
  let content: Content = {};
  for (const id of new Set(ids)) {
    const payload = await loadPayload(context, id, document._id);
    if (payload === 'erased') {
      const now = await findExchange(context.database, document._id);
      content = { ...content, ...(await explainErased(context, now ?? document)) };
      continue;
    }
    if (payload?.content.case === 'prompt') content = { ...content, ...readPrompt(payload.content.value) };
    if (payload?.content.case === 'delivery') content = { ...content, delivery: payload.content.value };
  }
  return content;
}

/** What a refused caller was told stands beside what they asked: there is one record of both. */
function readPrompt({ refusal, ...prompt }: Prompt): Content {
  return { prompt, ...(refusal === undefined ? {} : { delivery: refusal }) };
}

/** @throws ConnectError CONTENT_ALTERED for a record of another exchange */
async function loadPayload(
  context: Context,
  id: string,
  exchangeName: string,
): Promise<Payload | 'erased' | undefined> {
  const document = await findRecord(context.database, id);
  if (document === undefined) return undefined;
  const record = fromBinary(RecordSchema, document.bytes);
  const kind = contentKind(record.kind);
  if (kind === undefined || document.payload === undefined) return undefined;
  const { plane, exchange } = record;
  if (exchange !== exchangeName) throw altered(exchangeName, 'its content is that of another exchange');
  const resource = `${plane}/epochs/${record.epoch}/records/${record.seq}`;
  const bytes = await readSealedPayload(context, document, record, resource);
  if (bytes === 'erased') return bytes;
  const payload = await unseal(context, bytes, { plane, exchange, kind, resource });
  checkCommitment(record, payload, resource);
  return payload;
}

/** The sealed payload of a record, with the digest that the record states. */
async function readSealedPayload(
  context: Context,
  document: RecordDocument,
  record: Record,
  resource: string,
): Promise<Uint8Array | 'erased'> {
  if (document.payload === undefined) throw altered(resource, 'it is gone');
  let bytes: Uint8Array;
  try {
    bytes = await readPayload(context.database, document, document.payload);
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error;
    // Read again: it may have been erased since the exchange was read.
    const [erased] = await findErased(context.database, undefined, [document.exchange]);
    if (erased !== undefined && error.isMissing) return 'erased';
    throw altered(resource, error.message);
  }
  const sealed = readSealed(bytes);
  if (sealed === undefined || checkStated(sealed, record) !== undefined) {
    throw altered(resource, 'its ciphertext is another');
  }
  return bytes;
}

/** An answer whose plane was interrupted has no commitment: nobody was left to make it. */
function checkCommitment(record: Record, payload: Payload, resource: string): void {
  const { content, commitmentKey } = payload;
  try {
    if (content.case === 'prompt') {
      verifyPrompt(record, commitmentKey, content.value);
    }
    if (content.case === 'delivery' && record.responseCommitment.length > 0) {
      const frames = content.value.frames.map((frame) => frame.data);
      verifyCommitment(record.responseCommitment, commitmentKey, 'delivery', frames);
    }
  } catch (error) {
    throw error instanceof EvidenceError ? altered(resource, error.message) : error;
  }
}
