import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../program/free-port.ts';
import { PRIVATE_FOLDER_MODE } from '../../../program/replace-file.ts';
import { findMongod } from './find.ts';
import { DirectoryInUseError, launchMongod, PortInUseError } from './launch.ts';
import { ensurePrimary, REPLICA_SET } from './replica-set.ts';

const HOST = '127.0.0.1';
const PORT_FILE = 'port';
const PORT_ATTEMPTS = 5;
/** After a kill -9 of the former owner its mongod lives on for some seconds and still holds the directory. */
const DIRECTORY_WAIT_MS = 15_000;
const DIRECTORY_POLL_MS = 250;

/** A running MongoDB of our own. */
export interface EmbeddedMongo {
  /** Its connection string. */
  readonly uri: string;
  /** Ends it; the data stays. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts a MongoDB replica set of one member on a loopback port, for development and tests. The directory keeps the
 * data; starting on it again continues, on the same port where that is free, also after a crash. Only one process can
 * have a directory: mongod locks it. Ends with this process, however that ends.
 *
 * Throws MongodNotFoundError when no mongod is to be had, DirectoryInUseError when another process has the directory.
 */
export async function startEmbeddedMongo(options: {
  /** Made where it is missing. */
  readonly directory: string;
  /** Gets one line when something takes long; stderr when absent. */
  readonly progress?: (line: string) => void;
  /** Where mongod is looked for (see find.ts); the process environment when absent. */
  readonly env?: NodeJS.ProcessEnv;
}): Promise<EmbeddedMongo> {
  const progress = options.progress ?? ((line: string) => process.stderr.write(`sworn: ${line}\n`));
  const mongod = await findMongod({ env: options.env ?? process.env, progress });
  const directory = resolve(options.directory);
  const data = join(directory, 'data');
  await mkdir(data, { recursive: true, mode: PRIVATE_FOLDER_MODE });
  const wanted = await readPort(directory);
  const { running, port } = await waitForDirectory(
    () => launchOnFreePort((candidate) => launchMongod(mongod, data, candidate), wanted),
    progress,
  );
  const host = `${HOST}:${port}`;
  try {
    await ensurePrimary(host);
    await writePort(directory, port);
  } catch (error) {
    await running.stop();
    throw error;
  }
  return { uri: `mongodb://${host}/?replicaSet=${REPLICA_SET}`, stop: running.stop };
}

/** Tries the port of the last time first; a port may be lost between the look and the start, so a few more. */
async function launchOnFreePort<T>(
  launch: (port: number) => Promise<T>,
  wanted: number,
): Promise<{ running: T; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = attempt === 1 ? await freePort(wanted) : await freePort();
    try {
      return { running: await launch(port), port };
    } catch (error) {
      if (!(error instanceof PortInUseError) || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function waitForDirectory<T>(start: () => Promise<T>, progress: (line: string) => void): Promise<T> {
  const deadline = Date.now() + DIRECTORY_WAIT_MS;
  let isTold = false;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof DirectoryInUseError) || Date.now() > deadline) throw error;
      if (!isTold) progress(`${error.message}; waiting up to ${DIRECTORY_WAIT_MS / 1000} s for it to end`);
      isTold = true;
      await sleep(DIRECTORY_POLL_MS);
    }
  }
}

async function readPort(directory: string): Promise<number> {
  const text = await readFile(join(directory, PORT_FILE), 'utf8').catch(() => '');
  const port = Number(text.trim());
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
}

async function writePort(directory: string, port: number): Promise<void> {
  const path = join(directory, PORT_FILE);
  await writeFile(`${path}.new`, `${port}\n`);
  await rename(`${path}.new`, path);
}
