import { fromBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import type { ClientSession, Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import type { RecordDocument } from '../record/records.ts';
import { isWritten, RECEIVED_FIELDS, type StoredRecord } from '../sealing/record-mac.ts';
import { sealedCollection } from '../sealing/sealed.ts';
import type { SealedName } from '../sealing/sealing.ts';

/** What records say of how a document of configuration came about and went; the last time of each. */
export interface RecordedChanges {
  /** When it was made, or last changed. */
  readonly set: Date | null;
  /** When it was removed; of a plane, revoked. */
  readonly removed: Date | null;
  /** When it was last said that it is not as it should be. */
  readonly told: Date | null;
}

/** A document of configuration, as far as it is compared with the record. */
export interface Standing {
  readonly _id: string;
  readonly updateTime?: Date;
  readonly revokeTime?: Date;
}

/** The actions by which the documents of a collection that stands for good come about and go. */
const ACTIONS = {
  issuers: { set: ['issuer.create', 'issuer.update'], removed: ['issuer.delete'] },
  grants: { set: ['grant.create'], removed: ['grant.revoke'] },
  notifiers: { set: ['notifier.create', 'notifier.update'], removed: ['notifier.delete'] },
  planes: { set: ['plane.enroll'], removed: ['plane.revoke'] },
  policies: { set: ['policy.create', 'policy.update'], removed: ['policy.delete'] },
  revocations: { set: ['revocation.create'], removed: ['revocation.delete'] },
  roleBindings: { set: ['roleBinding.create'], removed: ['roleBinding.delete'] },
  upstreams: { set: ['upstream.create', 'upstream.update'], removed: ['upstream.delete'] },
} as const satisfies Partial<Record<SealedName, { set: readonly string[]; removed: readonly string[] }>>;

/** Recorded for each document that is not what the record says. */
export const ROLLED_BACK = 'alarm.configuration_rolled_back';

const SET: readonly string[] = Object.values(ACTIONS).flatMap(({ set }) => [...set]);
const REMOVED: readonly string[] = Object.values(ACTIONS).flatMap(({ removed }) => [...removed]);
/** All that are read here. */
export const CHANGES = [...SET, ...REMOVED, ROLLED_BACK];

/** Clocks of replicas differ, and a transaction takes its time: what is nearer together, in milliseconds, is not told apart. */
export const TOLERANCE_MS = 60_000;

/**
 * What the record says of configuration, by the names of its documents.
 * @param names all where undefined
 */
export async function readRecordedChanges(
  database: Database,
  session?: ClientSession,
  names?: readonly string[],
): Promise<Map<string, RecordedChanges>> {
  const found = database.db
    .collection<RecordDocument>('records', PLAIN_TYPES)
    .find(
      { action: { $in: CHANGES }, ...(names && { resource: { $in: [...names] } }) },
      // Few records are about one resource; of one action there may be many.
      { ...(session && { session }), ...(names && { hint: 'resource' }) },
    )
    .project<StoredRecord>(RECEIVED_FIELDS);
  const changes = new Map<string, RecordedChanges>();
  for await (const document of found) addChange(database, changes, document);
  return changes;
}

/** Adds what a record says, where a control plane wrote it: by its bytes, and not by what it is found by. */
export function addChange(
  { seal }: Database,
  changes: Map<string, RecordedChanges>,
  document: StoredRecord,
): void {
  if (!isWritten(seal, document)) return;
  const { action, resource, time } = fromBinary(RecordSchema, document.bytes);
  if (time === undefined) return;
  changes.set(resource, withChange(changes.get(resource), action, timestampDate(time)));
}

/** What records say of a document, with one more of them. */
function withChange(
  { set, removed, told }: RecordedChanges = { set: null, removed: null, told: null },
  action: string,
  time: Date,
): RecordedChanges {
  const later = (actions: readonly string[], before: Date | null) =>
    actions.includes(action) && (before === null || time > before) ? time : before;
  return { set: later(SET, set), removed: later(REMOVED, removed), told: later([ROLLED_BACK], told) };
}

/** Whether the record says that a document was removed, or a plane revoked, and not made again since. */
export function isRemoved(name: string, { set, removed }: RecordedChanges): boolean {
  if (removed === null) return false;
  // A revoked plane does not come back.
  return collectionOf(name) === 'planes' || removed.getTime() - (set?.getTime() ?? 0) >= TOLERANCE_MS;
}

/** Whether a document that was last changed at this time was changed later, as the record says. */
export function isOlder(changes: RecordedChanges | undefined, updateTime: Date | undefined): boolean {
  if (changes === undefined || changes.set === null || updateTime === undefined) return false;
  return changes.set.getTime() - updateTime.getTime() > TOLERANCE_MS;
}

/**
 * Those of these documents that the record says are removed. Who kept one of them, with its MAC, can put it back into the
 * database; it does not count.
 */
export async function findRemoved(
  database: Database,
  names: readonly string[],
  session?: ClientSession,
): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const recorded = await readRecordedChanges(database, session, names);
  return new Set([...recorded].filter((entry) => isRemoved(...entry)).map(([name]) => name));
}

/** Every document of configuration that stands for good, by name; those that were altered are reported, and are here as well. */
export async function readStanding(
  database: Database,
  session: ClientSession,
): Promise<Map<string, Standing>> {
  const standing = new Map<string, Standing>();
  for (const name of Object.keys(ACTIONS) as (keyof typeof ACTIONS)[]) {
    const collection = sealedCollection<Standing>(name);
    for (const document of await collection.find(database, {}, { session })) {
      collection.keep(database, [document]);
      const { _id, updateTime, revokeTime } = document;
      standing.set(_id, {
        _id,
        ...(updateTime && { updateTime }),
        ...(revokeTime && { revokeTime }),
      });
    }
  }
  return standing;
}

/** Those of these revocations that have ended by themselves by now, as the record of their making says. */
export async function readEndedRevocations(
  database: Database,
  session: ClientSession,
  names: readonly string[],
  now: Date,
): Promise<Set<string>> {
  const resources = names.filter((name) => collectionOf(name) === 'revocations');
  if (resources.length === 0) return new Set();
  const found = await database.db
    .collection<RecordDocument>('records', PLAIN_TYPES)
    .find({ action: 'revocation.create', resource: { $in: resources } }, { session })
    .project<StoredRecord>(RECEIVED_FIELDS)
    .toArray();
  const ended = found
    .filter((document) => isWritten(database.seal, document))
    .map(({ bytes }) => fromBinary(RecordSchema, bytes))
    .filter(({ revocation }) => {
      const expireTime = revocation?.expireTime;
      return expireTime !== undefined && timestampDate(expireTime) <= now;
    });
  return new Set(ended.map(({ resource }) => resource));
}

/** The collection of a document by its name, `policies` of `policies/research`; undefined where it is none of these. */
export function collectionOf(name: string): keyof typeof ACTIONS | undefined {
  const [collection = ''] = name.split('/', 1);
  return Object.hasOwn(ACTIONS, collection) ? (collection as keyof typeof ACTIONS) : undefined;
}
