import { MongoInstance } from 'mongodb-memory-server-core';
import { MongoInstanceEvents } from 'mongodb-memory-server-core/lib/util/MongoInstance.js';
import type { Mongod } from './probe.ts';
import { REPLICA_SET } from './replica-set.ts';

const LAUNCH_TIMEOUT_MS = 60_000;
/** Small: it shares a developer's machine. */
const CACHE_SIZE_GB = '0.25';
const OPLOG_SIZE_MB = '256';

/** The directory is in use by another mongod. */
export class DirectoryInUseError extends Error {
  override readonly name = 'DirectoryInUseError';
}

/** The port was taken between the look and the start. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
}

/**
 * Starts mongod on a loopback port with this data directory, and beside it mongodb-memory-server's helper process,
 * which ends it within some seconds when this process is gone. Returns when it accepts connections.
 * Throws DirectoryInUseError (mongod locks its directory), PortInUseError, or an Error with mongod's own last words.
 */
export async function launchMongod(mongod: Mongod, directory: string, port: number): Promise<MongoInstance> {
  const instance = new MongoInstance({
    binary: { systemBinary: mongod.path, version: mongod.version },
    instance: {
      port,
      ip: '127.0.0.1',
      dbPath: directory,
      replSet: REPLICA_SET,
      storageEngine: 'wiredTiger',
      launchTimeout: LAUNCH_TIMEOUT_MS,
      args: [
        ...['--wiredTigerCacheSizeGB', CACHE_SIZE_GB, '--oplogSize', OPLOG_SIZE_MB],
        // A signal ends it at once: there is no other member whose clients would have to move.
        ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100'],
        ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
        ...(process.platform === 'win32' ? [] : ['--nounixsocket']),
      ],
    },
    // A process group of its own: Ctrl-C reaches the terminal's group at once, and the store must go last.
    spawn: { detached: true },
  });
  const said: string[] = [];
  instance.on(MongoInstanceEvents.instanceSTDOUT, (text: string) => {
    for (const line of text.split('\n')) if (/"s":"[EF]"/.test(line)) said.push(line);
  });
  try {
    await instance.start();
    return instance;
  } catch (error) {
    await instance.stop();
    throw explain(mongod, directory, said.join('\n'), error);
  }
}

function explain(mongod: Mongod, directory: string, said: string, cause: unknown): Error {
  const text = `${said}\n${cause instanceof Error ? cause.message : ''}`;
  if (/DBPathInUse|Unable to lock the lock file/.test(text)) {
    return new DirectoryInUseError(`${directory} is in use by another MongoDB`, { cause });
  }
  if (/address already in use/i.test(text)) return new PortInUseError('the port is in use', { cause });
  const last =
    /"(?:error|what)":"((?:[^"\\]|\\.)*)"/.exec(said)?.[1] ?? (cause instanceof Error ? cause.message : '');
  return new Error(
    `mongod ${mongod.version} (${mongod.path}) did not start on ${directory}: ${last.slice(0, 500)}`,
    {
      cause,
    },
  );
}
