import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, parseCheckpoint } from '#core/evidence/checkpoint/checkpoint.ts';
import { EvidenceError } from '#core/evidence/error.ts';
import type { NoteKey } from '#core/evidence/note/key.ts';
import { openNote } from '#core/evidence/note/verify.ts';
import { PRIVATE_FOLDER_MODE, replaceFile, syncFolder } from '../program/replace-file.ts';

/** The last checkpoint of each log that this witness cosigned. */
export interface Ledger {
  /** Undefined when there is none. Throws when the file is damaged: what was seen cannot be known then. */
  read(originHash: string): Promise<{ readonly note: string; readonly checkpoint: Checkpoint } | undefined>;
  /** Durable when it resolves. */
  write(originHash: string, note: string): Promise<void>;
}

/** What a log is called in paths: SHA-256 of its origin in hexadecimal (https://c2sp.org/tlog-witness). */
export function hashOrigin(origin: string): string {
  return createHash('sha256').update(origin).digest('hex');
}

const folderIn = (stateDirectory: string) => join(stateDirectory, 'logs');

/** Makes an empty ledger: for a witness that has no key yet, and so has cosigned nothing. */
export async function makeLedger(stateDirectory: string): Promise<void> {
  await mkdir(folderIn(stateDirectory), { recursive: true, mode: PRIVATE_FOLDER_MODE });
  await syncFolder(stateDirectory);
}

/**
 * The ledger of this state directory: `logs/{origin hash}.checkpoint`, the note with the witness's own cosignature.
 * @param key the witness's, which every file must verify by
 * @throws Error when there is none
 */
export async function openLedger(stateDirectory: string, key: NoteKey): Promise<Ledger> {
  const folder = folderIn(stateDirectory);
  await stat(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause;
    const what = `${folder} is gone, and with it what this witness has cosigned, while its key is here`;
    throw new Error(`${what}; restore it, or start as another witness, with another name and key`, { cause });
  });
  const pathOf = (originHash: string) => join(folder, `${originHash}.checkpoint`);
  return {
    async read(originHash) {
      const note = await readFile(pathOf(originHash), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (note === undefined) return undefined;
      try {
        const checkpoint = parseCheckpoint(openNote(note, [key]).text);
        if (hashOrigin(checkpoint.origin) === originHash) return { note, checkpoint };
      } catch (error) {
        if (!(error instanceof EvidenceError)) throw error;
      }
      throw new Error(`${pathOf(originHash)} is not a checkpoint that ${key.name} cosigned`);
    },
    write: (originHash, note) => replaceFile(pathOf(originHash), note),
  };
}
