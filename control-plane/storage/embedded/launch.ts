import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Mongod } from './probe.ts';
import { REPLICA_SET } from './replica-set.ts';

const LAUNCH_TIMEOUT_MS = 60_000;
/** Small: it shares a developer's machine. */
const CACHE_SIZE_GB = '0.25';
const OPLOG_SIZE_MB = '256';
/** mongod's log ids: https://www.mongodb.com/docs/manual/reference/log-messages/ */
const WAITING_FOR_CONNECTIONS_ID = 23016;

/** A mongod that accepts connections. */
export interface RunningMongod {
  /** Ends it and returns once it is gone. Safe to call twice. */
  stop(): Promise<void>;
}

/** The directory is in use by another mongod. */
export class DirectoryInUseError extends Error {
  override readonly name = 'DirectoryInUseError';
}

/** The port was taken between the look and the start. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
}

/**
 * Starts mongod on a loopback port with this data directory, under a supervisor that ends it when this process is
 * gone, however it went. Not by mongodb-memory-server's own launcher, which throws out of its event handlers on log
 * lines that it cannot parse. Returns when mongod accepts connections.
 * Throws DirectoryInUseError (mongod locks its directory), PortInUseError, or an Error with mongod's own last words.
 */
export async function launchMongod(mongod: Mongod, directory: string, port: number): Promise<RunningMongod> {
  const supervisor = fileURLToPath(new URL('./supervisor.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', supervisor, mongod.path, ...mongodArguments(directory, port)],
    {
      // A process group of its own: Ctrl-C reaches the terminal's whole group, and the store must go last.
      detached: true,
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  child.stdin.on('error', () => undefined);
  const closed = new Promise<void>((done) => child.once('close', () => done()));
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await closed;
  };
  const said: string[] = [];
  let progress: string | undefined;
  const isReady = await new Promise<boolean>((done) => {
    const timer = setTimeout(() => done(false), LAUNCH_TIMEOUT_MS);
    createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry = readEntry(line);
      progress = entry?.message ?? progress;
      if (entry?.id === WAITING_FOR_CONNECTIONS_ID) done(true);
      else if (entry?.severity === 'E' || entry?.severity === 'F') said.push(line);
      if (said.length > 20) said.shift();
    });
    void closed.then(() => done(false)).finally(() => clearTimeout(timer));
  });
  if (isReady) return { stop };
  await stop();
  throw explain(mongod, directory, said, progress);
}

function mongodArguments(directory: string, port: number): string[] {
  return [
    ...['--port', `${port}`, '--bind_ip', '127.0.0.1', '--dbpath', directory, '--replSet', REPLICA_SET],
    ...['--wiredTigerCacheSizeGB', CACHE_SIZE_GB, '--oplogSize', OPLOG_SIZE_MB],
    // A signal ends it at once: there is no other member to which clients could move.
    ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=0'],
    ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
    ...(process.platform === 'win32' ? [] : ['--nounixsocket']),
  ];
}

interface LogEntry {
  readonly id: unknown;
  /** `E` is an error, `F` fatal. */
  readonly severity: unknown;
  readonly message: string | undefined;
}

function readEntry(line: string): LogEntry | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== 'object' || entry === null) return undefined;
    return {
      id: 'id' in entry ? entry.id : undefined,
      severity: 's' in entry ? entry.s : undefined,
      message: 'msg' in entry && typeof entry.msg === 'string' ? entry.msg : undefined,
    };
  } catch {
    return undefined;
  }
}

function explain(
  mongod: Mongod,
  directory: string,
  said: readonly string[],
  progress: string | undefined,
): Error {
  const text = said.join('\n');
  if (/DBPathInUse|Unable to lock the lock file/.test(text)) {
    return new DirectoryInUseError(`${directory} is in use by another MongoDB`);
  }
  if (/address already in use/i.test(text)) return new PortInUseError('the port is in use');
  const last =
    /"(?:error|what|reason)":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ??
    said.at(-1) ??
    (progress === undefined ? 'it says nothing' : `the last it said is: ${progress}`);
  return new Error(
    `mongod ${mongod.version} (${mongod.path}) did not start on ${directory}: ${last.slice(0, 500)}`,
  );
}
