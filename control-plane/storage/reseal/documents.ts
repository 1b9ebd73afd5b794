import type { AnyBulkWriteOperation, Document, FindOptions } from 'mongodb';
import type { ClientSession, Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { enter, pageOf, pagesWith, readRoster } from '../roster/rosters.ts';
import { resourceOf } from '../sealing/altered.ts';
import { type Seal, SealError } from '../sealing/seal.ts';
import { macIn, sealedCollection } from '../sealing/sealed.ts';
import { bytesOf, hasRoster, macOf, SEALED, type SealedName, uncoveredOf } from '../sealing/sealing.ts';

const BATCH = 100;

/** The fields of a collection that are sealed, and what each is sealed as, by its document. */
export type SealedFields = Readonly<Record<string, (document: Document) => string>>;

/** What was done in one batch. */
export interface Resealed {
  /** Documents that were sealed anew. */
  readonly count: number;
  /** Those that were altered, or are back: they do not count, and stay as they are. */
  readonly passedOver: readonly string[];
}

interface Stored extends Document {
  readonly _id: string;
}

/** How many documents of a collection have a MAC, or something sealed, that is not of the master key in force. */
export async function countBehind(database: Database, name: string, fields: SealedFields): Promise<number> {
  return (await readBehind(database, name, fields)).length;
}

/**
 * Gives the documents of a collection MACs of the master key in force, and seals with it what they have sealed; a batch in one
 * transaction, which leaves out what is so already. Where it is interrupted it goes on when it is called again.
 * @throws AlteredError where the roster of the collection is at fault
 */
export async function* resealDocuments(
  database: Database,
  name: string,
  fields: SealedFields,
): AsyncGenerator<Resealed> {
  const ids = await readBehind(database, name, fields);
  for (let at = 0; at < ids.length; at += BATCH) {
    const batch = ids.slice(at, at + BATCH);
    yield await database.transaction((session) => resealBatch(database, session, name, fields, batch));
  }
}

/** Those that stand on one page of a roster come together, so that few pages are written at a time. */
async function readBehind(database: Database, name: string, fields: SealedFields): Promise<string[]> {
  const ids: string[] = [];
  for await (const id of listBehind(database, name, fields)) ids.push(id);
  if (!isSealedName(name) || !hasRoster(name)) return ids;
  const byPage = Map.groupBy(ids, (id) => pageOf(name, id));
  return [...byPage.values()].flat();
}

async function* listBehind(database: Database, name: string, fields: SealedFields): AsyncGenerator<string> {
  const projection = { mac: 1, ...Object.fromEntries(Object.keys(fields).map((field) => [field, 1])) };
  const found = database.db.collection<Stored>(name, PLAIN_TYPES).find({}, { projection });
  for await (const document of found) {
    const isMacBehind = isSealedName(name) && !database.seal.isMacCurrent(macIn(document));
    if (isMacBehind || fieldsBehind(database.seal, document, fields).length > 0) yield document._id;
  }
}

async function resealBatch(
  database: Database,
  session: ClientSession,
  name: string,
  fields: SealedFields,
  ids: readonly string[],
): Promise<Resealed> {
  const { seal } = database;
  const { found, sound } = await readBatch(database, session, name, ids);
  const isSound = new Set(sound);
  const passedOver = found.filter((document) => !isSound.has(document)).map(({ _id }) => _id);
  const isDue = await readDue(database, session, name, ids);
  const entered: { id: string; mac: Uint8Array }[] = [];
  const operations: AnyBulkWriteOperation<Stored>[] = [];
  for (const document of sound) {
    const { _id } = document;
    const due = isDue(document);
    const sealed = due === 'back' ? undefined : sealAnew(seal, document, fields);
    if (sealed === undefined) {
      passedOver.push(_id);
      continue;
    }
    const mac = isSealedName(name) ? { mac: macOf(seal, name, { ...document, ...sealed }) } : {};
    operations.push({ updateOne: { filter: { _id }, update: { $set: { ...sealed, ...mac } as never } } });
    if (due === 'listed' && mac.mac !== undefined) entered.push({ id: _id, mac: mac.mac });
  }
  if (operations.length > 0)
    await database.db.collection<Stored>(name, PLAIN_TYPES).bulkWrite(operations, { session });
  if (entered.length > 0 && isSealedName(name) && hasRoster(name))
    await enter(database, session, name, entered);
  return { count: operations.length, passedOver: passedOver.map((id) => resourceOf(name, id)) };
}

/** The documents of a batch, and those of them that are not altered, as far as a MAC says. */
async function readBatch(
  database: Database,
  session: ClientSession,
  name: string,
  ids: readonly string[],
): Promise<{ readonly found: readonly Stored[]; readonly sound: readonly Stored[] }> {
  const filter = { _id: { $in: [...ids] } };
  if (!isSealedName(name)) {
    const found = await database.db.collection<Stored>(name, PLAIN_TYPES).find(filter, { session }).toArray();
    return { found, sound: found };
  }
  const collection = sealedCollection<Stored>(name);
  // What no MAC covers may be large.
  const projection = Object.fromEntries(uncoveredOf(name).map((field) => [field, 0]));
  const found = await collection.find(database, filter, { session, projection } as FindOptions);
  return { found, sound: collection.keep(database, found) };
}

/** Whether a document stands on the roster of its collection, is back though it does not, or needs none. */
async function readDue(
  database: Database,
  session: ClientSession,
  name: string,
  ids: readonly string[],
): Promise<(document: Stored) => 'listed' | 'back' | 'free'> {
  if (!isSealedName(name) || !hasRoster(name)) return () => 'free';
  const { members } = await readRoster(database, session, name, pagesWith(name, ids));
  const { has } = SEALED[name].roster;
  return (document) => {
    const member = members.get(document._id);
    if (member !== undefined && Buffer.compare(member, macIn(document)) === 0) return 'listed';
    return has(document) ? 'back' : 'free';
  };
}

/** The sealed fields of a document, under the key in force; undefined where one does not open. */
function sealAnew(seal: Seal, document: Stored, fields: SealedFields): Document | undefined {
  try {
    const sealed = fieldsBehind(seal, document, fields).map(([field, value]) => {
      const context = fields[field]?.(document) ?? '';
      return [field, seal.seal(seal.open(value, context), context)];
    });
    return Object.fromEntries(sealed);
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}

function fieldsBehind(
  seal: Seal,
  document: Document,
  fields: SealedFields,
): (readonly [string, Uint8Array])[] {
  return Object.keys(fields).flatMap((field) => {
    const value = bytesOf(document[field]);
    // Empty: what it said was destroyed.
    if (value === undefined || value.length === 0 || seal.isSealCurrent(value)) return [];
    return [[field, value] as const];
  });
}

function isSealedName(name: string): name is SealedName {
  return Object.hasOwn(SEALED, name);
}
