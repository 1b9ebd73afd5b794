import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientSession } from 'mongodb';
import { replaceFile } from '../../../program/replace-file.ts';

const FILE_NAME = 'configuration.rosters';

/**
 * The highest number of each roster, and of the head, that this control plane has seen: outside the database, so that one that
 * is set back shows.
 */
export interface RosterMemory {
  /** 0 where none was seen. */
  highest(name: string): number;
  /** A transaction begins, or begins again: nothing was seen in it. */
  begin(session: ClientSession): void;
  /**
   * Notes what is seen in a transaction; it counts once that is committed.
   * @returns false where it is less than what had been seen when the transaction began: the database was set back
   */
  see(session: ClientSession, name: string, number: number): boolean;
  /** Remembers what was seen in a transaction that is committed. Durable when it resolves; rejects where it cannot be written. */
  keep(session: ClientSession): Promise<void>;
}

/** A transaction. */
interface Underway {
  /** What was known when it began: another may be committed, and remembered, before this one reads what was there before. */
  readonly before: ReadonlyMap<string, number>;
  readonly seen: Map<string, number>;
}

/**
 * The memory of a state directory, in the file `configuration.rosters`.
 * @param stateDirectory where undefined, that of this process alone
 * @throws Error where the file is damaged
 */
export async function openRosterMemory(stateDirectory?: string): Promise<RosterMemory> {
  const path = stateDirectory === undefined ? undefined : join(stateDirectory, FILE_NAME);
  const numbers = new Map<string, number>();
  const under = new WeakMap<ClientSession, Underway>();
  let writing: Promise<void> = Promise.resolve();

  const recall = async (): Promise<void> => {
    if (path === undefined) return;
    for (const [name, number] of await readNumbers(path)) raise(numbers, name, number);
  };
  const write = async (): Promise<void> => {
    if (path === undefined) return;
    // Another process may have written to the same directory.
    await recall();
    await replaceFile(path, `${JSON.stringify(Object.fromEntries(numbers))}\n`);
  };
  await recall();
  return {
    highest: (name) => numbers.get(name) ?? 0,
    begin: (session) => void under.set(session, { before: new Map(numbers), seen: new Map() }),
    see(session, name, number) {
      const { before, seen } = under.get(session) ?? { before: numbers, seen: new Map<string, number>() };
      raise(seen, name, number);
      return number >= (before.get(name) ?? 0);
    },
    async keep(session) {
      const seen = [...(under.get(session)?.seen ?? [])];
      under.delete(session);
      const isNew = seen.map(([name, number]) => raise(numbers, name, number)).includes(true);
      if (!isNew) return;
      writing = writing.catch(() => undefined).then(write);
      await writing;
    },
  };
}

function raise(numbers: Map<string, number>, name: string, number: number): boolean {
  if (number <= (numbers.get(name) ?? 0)) return false;
  numbers.set(name, number);
  return true;
}

async function readNumbers(path: string): Promise<(readonly [string, number])[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  try {
    return Object.entries(JSON.parse(text)).map(([name, number]) => {
      if (!Number.isSafeInteger(number)) throw new TypeError('a number is none');
      return [name, number as number];
    });
  } catch (cause) {
    throw new Error(`${path} is damaged: it does not have the numbers that were written`, { cause });
  }
}
