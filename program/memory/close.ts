import { writeSync } from 'node:fs';
import { describeError } from '../log.ts';
import { emptyCoreDumps } from './core-dumps.ts';

const STDERR = 2;

/**
 * Keeps what is in memory - prompts, answers, keys - out of what a program leaves when it dies, and debuggers out while it
 * runs. To be called once, before there is any of it.
 *
 * @param name of the program
 * @param warn is told what could not be closed
 */
export function closeMemory(name: string, warn: (words: string) => void): void {
  // Node opens its debugger at this signal, unless somebody else listens for it.
  process.on('SIGUSR1', () => undefined);
  const endOn = (what: string) => (error: unknown) => {
    writeLine({ level: 60, time: new Date().toISOString(), name, event: what, ...describeError(error) });
    process.exit(1);
  };
  // By itself Node would print the error's words and properties, and the line of code that threw it.
  process.on('uncaughtException', endOn('uncaught_exception'));
  process.on('unhandledRejection', endOn('unhandled_rejection'));
  const why = emptyCoreDumps();
  if (why !== undefined) {
    warn(
      `WARNING: a crash may write prompts and keys to a core dump: ${why}; see docs/operations.md, 'Crashes'`,
    );
  }
}

/** At once, for the process ends; when nobody takes it, it is lost. */
function writeLine(fields: object): void {
  try {
    writeSync(STDERR, `${JSON.stringify({ ...fields, msg: 'ended by an error that nobody took' })}\n`);
  } catch {
    // There is nobody left to tell.
  }
}
