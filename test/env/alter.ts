import { once } from 'node:events';
import { connect } from 'node:net';
import { BSON, type Document } from 'mongodb';
import type { Database } from '../../control-plane/storage/database.ts';
import { enter } from '../../control-plane/storage/roster/rosters.ts';
import { hasRoster, macOf, type SealedName } from '../../control-plane/storage/sealing/sealing.ts';

const PAST_CHECKS = { bypassDocumentValidation: true };

/** Any document of a collection, past all checks of the store: what somebody can do who may write to the database. */
export function rawOf(database: Database, name: SealedName) {
  return database.db.collection<Document & { _id: string }>(name, { promoteLongs: false });
}

/** The document of this id. */
export async function rawDocument(database: Database, name: SealedName, id: string) {
  const document = await rawOf(database, name).findOne({ _id: id });
  if (document === null) throw new Error(`there is no ${id} in ${name}`);
  return document;
}

/** Puts a document into the database, in the place of the one of its id. */
export async function putRaw(
  database: Database,
  name: SealedName,
  document: Document & { _id: string },
): Promise<void> {
  const { _id } = document;
  await rawOf(database, name).replaceOne({ _id }, document, { ...PAST_CHECKS, upsert: true });
}

/** Changes a document and gives it a right MAC and its place on the roster, as an older version of Sworn would have stored it. */
export async function storeAsOlder(
  database: Database,
  name: SealedName,
  document: Document & { _id: string },
): Promise<void> {
  const mac = macOf(database.seal, name, document);
  await putRaw(database, name, { ...document, mac });
  if (!hasRoster(name)) return;
  await database.transaction((session) => enter(database, session, name, [{ id: document._id, mac }]));
}

/** Opcode of the one message that MongoDB speaks; see the wire protocol in its manual. */
const OP_MSG = 2013;

/**
 * Puts a document with fields that are there twice: queries see the first, a driver the last. No driver would send it.
 * @param first fields that come before those of the document
 */
export async function putTwice(
  { client, db }: Database,
  name: string,
  first: Document,
  document: Document,
): Promise<void> {
  const { _id, ...rest } = document;
  const twice = wrap(bodyOf({ _id, ...first }), bodyOf(rest));
  const documents = element(4, 'documents', wrap(element(3, '0', twice)));
  const flags = { bypassDocumentValidation: true, $db: db.databaseName };
  const command = wrap(bodyOf({ insert: name }), documents, bodyOf(flags));
  const message = Buffer.concat([Buffer.alloc(21), command]);
  for (const [at, value] of [message.length, 1, 0, OP_MSG].entries()) message.writeInt32LE(value, at * 4);
  const [host] = client.options.hosts;
  const socket = connect(host?.port ?? 27_017, host?.host ?? '127.0.0.1');
  socket.write(message);
  const [reply] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  const answer = BSON.deserialize(reply.subarray(21));
  if (answer['n'] !== 1) throw new Error(`it was not stored: ${JSON.stringify(answer)}`);
}

function bodyOf(document: Document): Buffer {
  return Buffer.from(BSON.serialize(document)).subarray(4, -1);
}

function wrap(...parts: readonly Buffer[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32LE(parts.reduce((sum, part) => sum + part.length, 5));
  return Buffer.concat([length, ...parts, Buffer.alloc(1)]);
}

function element(type: number, name: string, value: Buffer): Buffer {
  return Buffer.concat([Buffer.of(type), Buffer.from(`${name}\0`), value]);
}
