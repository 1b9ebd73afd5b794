import { create, fromBinary } from '@bufbuild/protobuf';
import {
  RecordKind,
  RecordSchema,
  SealedPayloadSchema,
  type Record as SwornRecord,
} from '#proto/sworn/audit/v1/record_pb.ts';
import type { RecordEntry } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import {
  type EraseExchangesRequest,
  EraseExchangesRequestSchema,
  type EraseExchangesResponse,
} from '#proto/sworn/retention/v1/retention_service_pb.ts';
import type { Context } from '../../../control-plane/context.ts';
import { eraseExchanges } from '../../../control-plane/retention/erase-exchanges.ts';
import { person } from '../audit/call.ts';
import type { Store } from '../audit/store.ts';
import { append, newName, type Writer } from '../audit/writer.ts';

export const DAY_MS = 86_400_000;
export const admin = person('adam', ['sworn-admins']);
const caller = person('ana');

/** An exchange whose prompt is stored, and whose outcome is still to be handed in. */
export interface Begun {
  readonly writer: Writer;
  readonly exchange: string;
  readonly session: string;
  readonly intent: RecordEntry;
}

/** Writes and hands in the intent of an exchange. */
export async function begin(store: Store, context: Context, fields: object = {}): Promise<Begun> {
  const writer = store.writer();
  const [exchange, session] = [newName('exchanges'), newName('sessions')];
  const content = { case: 'prompt' as const, value: { body: Buffer.from('How is Maria Beispiel?') } };
  const intent = writer.write({ exchange, session, caller, ...fields }, { content });
  await append(context, writer.plane, [intent]);
  const said = fromBinary(RecordSchema, intent.record);
  return { writer, exchange, session: said.session, intent };
}

/** Its outcome with an answer, not handed in yet. */
export function outcomeOf({ writer, exchange, session }: Begun): RecordEntry {
  const frames = [{ offsetUs: 1n, data: Buffer.from('She is well.') }];
  const content = { case: 'delivery' as const, value: { contentType: 'text/plain', frames } };
  return writer.write({ exchange, session, caller, kind: RecordKind.OUTCOME }, { content });
}

/** Erases as an admin does over the API. */
export async function erase(
  context: Context,
  scope: EraseExchangesRequest['scope'],
  fields: Partial<EraseExchangesRequest> = {},
): Promise<EraseExchangesResponse[]> {
  const words = { authority: 'Privacy Office', reason: 'case 4711' };
  const request = create(EraseExchangesRequestSchema, { ...words, ...fields, scope });
  const results: EraseExchangesResponse[] = [];
  for await (const one of eraseExchanges(context, admin, request, context.shutdown)) results.push(one);
  return results;
}

export const only = (exchange: string) => ({ case: 'exchange' as const, value: exchange });

/** The actions of this kind that are on record about a resource, oldest first. */
export async function actions(store: Store, action: string, resource: string): Promise<SwornRecord[]> {
  const found = await store.database.db
    .collection('records')
    .find({ action, resource })
    .sort({ _id: 1 })
    .toArray();
  return found.map((document) => fromBinary(RecordSchema, document['bytes'].buffer as Uint8Array));
}

/** How many payload documents an exchange has. */
export function payloads(store: Store, exchange: string): Promise<number> {
  return store.database.db.collection('payloads').countDocuments({ exchange });
}

/** What must be nowhere any more: the wrapped key and each part of a sealed payload. */
export function secretsOf(payload: Uint8Array): Buffer[] {
  const { wrappedKey, parts } = fromBinary(SealedPayloadSchema, payload);
  return [wrappedKey, ...parts].map((bytes) => Buffer.from(bytes));
}

/** The collections with a document that has any of these bytes. */
export async function collectionsWith(store: Store, secrets: readonly Buffer[]): Promise<string[]> {
  const { db } = store.database;
  const found: string[] = [];
  for (const { name } of await db.listCollections().toArray()) {
    const documents = await db.collection(name).find({}, { raw: true }).toArray();
    const raw = Buffer.concat(documents.map((document) => document as unknown as Buffer));
    if (secrets.some((secret) => raw.includes(secret))) found.push(name);
  }
  return found.sort();
}
