import { createHash } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { PRIVATE_FOLDER_MODE } from './replace-file.ts';

/** Keeps others from a state directory. */
export interface StateLock {
  release(): Promise<void>;
}

/**
 * Takes a state directory for this process: two data planes on one spool would write two ends of one chain, which nobody can tell
 * from tampering afterwards, two witnesses with one memory would each cosign another tree, and two control planes would forget
 * what the other has seen of the log. The lock is an address that one process of a machine can have at a time (unix(7),
 * "abstract"): it goes with the process, however that ends, and leaves no file. Only Linux has such addresses; elsewhere nothing
 * is held, nor between containers that have networks of their own.
 * @param program what holds it, for a person: "data plane"
 * @throws Error when another process has it
 */
export async function lockState(directory: string, program: string): Promise<StateLock> {
  if (process.platform !== 'linux') return { release: async () => {} };
  await mkdir(directory, { recursive: true, mode: PRIVATE_FOLDER_MODE });
  const path = await realpath(directory);
  const name = createHash('sha256').update(path).digest('hex');
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const isTaken = cause.code === 'EADDRINUSE';
      const message = `another ${program} runs on the state directory ${directory}; each needs one of its own`;
      reject(isTaken ? new Error(message, { cause }) : cause);
    });
    server.listen(`\0sworn-state-${name}`, resolve);
  });
  // It holds no program that is otherwise at its end.
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/**
 * Starts a program that has its state directory to itself until it is closed, or until its start fails.
 * @throws what `lockState` and `start` do
 */
export async function startLocked<T extends { close(): Promise<void> }>(
  directory: string,
  program: string,
  start: () => Promise<T>,
): Promise<T> {
  const lock = await lockState(directory, program);
  try {
    const running = await start();
    return { ...running, close: () => running.close().finally(lock.release) };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
