import { fromBinary } from '@bufbuild/protobuf';
import { type Delivery, type Payload, PayloadSchema, type Prompt } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Context } from '../context.ts';
import type { ExchangeDocument } from '../storage/exchanges.ts';
import { readPayload } from '../storage/payloads.ts';
import { findRecord } from '../storage/records.ts';
import { recordActions } from './actions.ts';

/** What was asked and what was delivered, as far as it is recorded. */
export interface Content {
  readonly prompt?: Prompt;
  readonly delivery?: Delivery;
}

/**
 * The one way to content: records that `reader` reads these exchanges, and only then gives the function that loads
 * them. Recording fails: nothing is read.
 */
export async function openContents(
  context: Context,
  reader: Caller,
  documents: readonly ExchangeDocument[],
): Promise<(document: ExchangeDocument) => Promise<Content>> {
  const names = new Set(documents.map((document) => document._id));
  const actions = [...names].map((resource) => ({ caller: reader, action: 'content.read', resource }));
  await context.database.transaction((session) => recordActions(context, session, actions));
  return async (document) => {
    if (!names.has(document._id)) throw new Error(`the reading of ${document._id} was not recorded`);
    return await loadContent(context, document);
  };
}

async function loadContent(context: Context, document: ExchangeDocument): Promise<Content> {
  const { base, outcome } = document.sources;
  const ids = [base, outcome].flatMap((source) => (source?.hasPayload ? [source.record] : []));
  let content: Content = {};
  for (const id of new Set(ids)) {
    const payload = await loadPayload(context, id);
    if (payload?.content.case === 'prompt') content = { ...content, prompt: payload.content.value };
    if (payload?.content.case === 'delivery') content = { ...content, delivery: payload.content.value };
  }
  return content;
}

async function loadPayload(context: Context, id: string): Promise<Payload | undefined> {
  const record = await findRecord(context.database, id);
  if (record?.payload === undefined) return undefined;
  const bytes = await readPayload(context.database, context.seal, record, record.payload);
  return fromBinary(PayloadSchema, bytes);
}
