import type { Db } from 'mongodb';
import type { Database } from '../database.ts';
import { StoreError } from '../error.ts';
import { createCollections } from './0001-create-collections.ts';
import { withLease } from './lease.ts';
import type { Means } from './means.ts';
import { MIGRATIONS } from './migrations.ts';

const COLLECTION = 'migrations';

/** A migration that was done. */
interface Done {
  /** Its version. */
  readonly _id: number;
  readonly name: string;
  readonly doneTime: Date;
}

/**
 * Brings the store to the shape that this version needs. Replicas that start together take turns, and the later ones
 * find nothing left to do. Returns how many migrations it ran.
 *
 * @param replica Names this process among its replicas.
 * @param given what this control plane has seen, and what it is to trust
 * @throws StoreError when the store is of a newer version, or is no replica set
 */
export async function migrate(
  database: Database,
  replica: string,
  signal: AbortSignal,
  given: Partial<Pick<Means, 'hasSeenSealed' | 'isTrusted'>> = {},
): Promise<number> {
  const { db, logger, seal } = database;
  const means: Means = { seal, logger, database, hasSeenSealed: false, isTrusted: false, ...given };
  await requireReplicaSet(db);
  if ((await readVersion(db)) === MIGRATIONS.length) return 0;
  return await withLease(db, replica, signal, async () => {
    const version = await readVersion(db);
    let isShaped = false;
    for (const migration of MIGRATIONS.slice(version)) {
      signal.throwIfAborted();
      logger.info({ version: migration.version, migration: migration.name }, 'migrating the store');
      // It gives all collections the shape that this version wants: once is enough, however many steps want it.
      if (migration.up !== createCollections || !isShaped) await migration.up(db, means);
      isShaped ||= migration.up === createCollections;
      const done = { name: migration.name, doneTime: new Date() };
      const which = { _id: migration.version };
      await db.collection<Done>(COLLECTION).updateOne(which, { $setOnInsert: done }, { upsert: true });
    }
    return MIGRATIONS.length - version;
  });
}

/** @throws StoreError where the store is of an older version, or a newer one */
export async function requireMigrated(db: Db): Promise<void> {
  const version = await readVersion(db);
  if (version === MIGRATIONS.length) return;
  throw new StoreError(
    `the database ${db.databaseName} is of an older version (${version}, this one needs ${MIGRATIONS.length}); start the control ` +
      'planes of this version first',
  );
}

async function readVersion(db: Db): Promise<number> {
  const [last] = await db.collection<Done>(COLLECTION).find().sort({ _id: -1 }).limit(1).toArray();
  const version = last?._id ?? 0;
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      `the database ${db.databaseName} was written by a newer Sworn (its version is ${version}, this one knows ` +
        `${MIGRATIONS.length}); run that version or newer`,
    );
  }
  return version;
}

/** Transactions and change streams need a replica set, or mongos before several. */
async function requireReplicaSet(db: Db): Promise<void> {
  const hello = await db.command({ hello: 1 });
  if (typeof hello['setName'] === 'string' || hello['msg'] === 'isdbgrid') return;
  throw new StoreError(
    'this MongoDB is a standalone server, which has no transactions; start it with --replSet and run rs.initiate()',
  );
}
