import {
  type ClientSession,
  type Db,
  MongoClient,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb';
import type { Logger } from 'pino';
import { describeError } from '../../program/log.ts';
import { createOwnRecords, type OwnRecords } from './record/own-records.ts';
import { openRosterMemory, type RosterMemory } from './roster/roster-memory.ts';
import { type Alterations, createAlterations } from './sealing/altered.ts';
import { MasterKeyError, type Seal } from './sealing/seal.ts';

export type { ClientSession } from 'mongodb';

/** What the server shows as the owner of our connections: at most 128 bytes, the name of a database at most 63. */
export function appNameOf(database: string): string {
  return `sworn-control-plane/${database}`;
}

/** How long a call waits for a server that can take it, before it fails. */
const SERVER_SELECTION_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** How often the driver looks at each server; a server that hangs is found within this and the connect timeout. */
const HEARTBEAT_INTERVAL_MS = 5_000;
/** How long one answer may take; index builds of migrations are the longest. */
const SOCKET_TIMEOUT_MS = 120_000;
/** How long a write waits for the majority. */
const WRITE_CONCERN_TIMEOUT_MS = 10_000;
/** How long a transaction is retried in all. */
const TRANSACTION_TIMEOUT_MS = 15_000;
const MAX_POOL_SIZE = 50;

/** Server errors that mean "not now" rather than "not so": elections, shutdown, an unreachable majority. */
const UNAVAILABLE_LABELS = [
  'RetryableWriteError',
  'TransientTransactionError',
  'UnknownTransactionCommitResult',
];

/** The store: MongoDB as a replica set, read and written by majority, so that what was seen is never rolled back. */
export interface Database {
  readonly client: MongoClient;
  readonly db: Db;
  readonly logger: Logger;
  /** Makes the MACs of documents (sealed.ts). */
  readonly seal: Seal;
  /** What was found without its MAC. */
  readonly alterations: Alterations;
  /** How far configuration had come, outside the database. */
  readonly memory: RosterMemory;
  /** What this process has stored of its own record. */
  readonly own: OwnRecords;
  /**
   * Runs a transaction and commits it. `run` may be called again after a transient error, so it must have no effects
   * of its own but through its session.
   */
  transaction<T>(run: (session: ClientSession) => Promise<T>): Promise<T>;
  /** Throws when no primary answers within some seconds. Until it succeeded once, it is also what connects anew. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the store. Connections are made when first needed and again after an outage, so this succeeds while no
 * server answers: `ping` until one does. Throws on a connection string that cannot be read.
 */
export async function openDatabase(options: {
  readonly uri: string;
  /** The name of the database. */
  readonly name: string;
  readonly logger: Logger;
  /** Of the deployment's master key: what was stored under another one counts as altered. */
  readonly seal: Seal;
  /** That of this process alone where undefined. */
  readonly memory?: RosterMemory;
  /** Before each attempt of a transaction: whether it may go on, and seal. */
  readonly beforeTransaction?: () => Promise<void>;
}): Promise<Database> {
  const client = new MongoClient(options.uri, {
    appName: appNameOf(options.name),
    serverSelectionTimeoutMS: SERVER_SELECTION_TIMEOUT_MS,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    heartbeatFrequencyMS: HEARTBEAT_INTERVAL_MS,
    socketTimeoutMS: SOCKET_TIMEOUT_MS,
    maxPoolSize: MAX_POOL_SIZE,
    readConcern: { level: 'majority' },
    readPreference: 'primary',
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: WRITE_CONCERN_TIMEOUT_MS },
    ignoreUndefined: true,
  });
  const db = client.db(options.name);
  const { logger } = options;
  const memory = options.memory ?? (await openRosterMemory());
  const own = createOwnRecords();
  return {
    client,
    db,
    logger,
    seal: options.seal,
    alterations: createAlterations(logger),
    memory,
    own,
    transaction: (run) =>
      client.withSession(async (session) => {
        const deadline = AbortSignal.timeout(TRANSACTION_TIMEOUT_MS);
        const result = await session.withTransaction(
          async (current) => {
            deadline.throwIfAborted();
            if (options.beforeTransaction !== undefined) await options.beforeTransaction();
            memory.begin(current);
            own.begin(current);
            return run(current);
          },
          { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority', journal: true } },
        );
        own.keep(session);
        // It is committed, whatever becomes of this; the process remembers it in any case.
        await memory.keep(session).catch((error: unknown) => {
          const about = { event: 'rosters_not_remembered', ...describeError(error) };
          logger.error(about, 'how far the configuration has come was not written to the state directory');
        });
        return result;
      }),
    ping: async () => {
      // A client whose very first connection failed never tries again by itself; connected, this does nothing.
      await client.connect();
      await db.command({ ping: 1 });
    },
    close: () => client.close(),
  };
}

/** Whether this error says that the store does not answer (try again), rather than that it refused. */
export function isStoreUnavailable(error: unknown): boolean {
  // What is stored can be neither judged nor sealed until the key is here.
  if (error instanceof MasterKeyError) return true;
  if (!(error instanceof MongoError)) return error instanceof DOMException && error.name === 'TimeoutError';
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNotConnectedError ||
    error instanceof MongoTopologyClosedError ||
    error instanceof MongoOperationTimeoutError ||
    UNAVAILABLE_LABELS.some((label) => error.hasErrorLabel(label))
  );
}

/** Whether this error says that a document with the same unique key exists. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoError && error.code === DUPLICATE_KEY_CODE;
}

/** Whether this error says that another transaction changed the same document first. */
export function isWriteConflict(error: unknown): boolean {
  return error instanceof MongoError && error.code === WRITE_CONFLICT_CODE;
}

const WRITE_CONFLICT_CODE = 112;
export const DUPLICATE_KEY_CODE = 11_000;
