import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, parseCheckpoint } from '#core/evidence/checkpoint/checkpoint.ts';
import { EvidenceError } from '#core/evidence/error.ts';
import { createNoteKey } from '#core/evidence/note/key.ts';
import { parseNote } from '#core/evidence/note/note.ts';
import { openNote } from '#core/evidence/note/verify.ts';
import { replaceFile } from '../../program/replace-file.ts';

const FILE_NAME = 'log.checkpoint';

/** The last checkpoint that this control plane signed, outside the database. */
export interface Memory {
  /** As the file has it now; undefined before the first. Throws when it is damaged or signed by another key. */
  read(): Promise<Checkpoint | undefined>;
  /** Durable when it resolves. */
  write(note: string): Promise<void>;
}

/**
 * The memory of this state directory: the note itself, in the file `log.checkpoint`.
 * @param publicKey the log's, 32 bytes
 */
export function openMemory(stateDirectory: string, publicKey: Uint8Array): Memory {
  const path = join(stateDirectory, FILE_NAME);
  return {
    async read() {
      const note = await readFile(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (note === undefined) return undefined;
      try {
        const { origin } = parseCheckpoint(parseNote(note).text);
        return parseCheckpoint(openNote(note, [createNoteKey(origin, publicKey)]).text);
      } catch (error) {
        if (!(error instanceof EvidenceError)) throw error;
        throw new Error(`${path} is not a checkpoint that was signed with the key beside it (${error.code})`);
      }
    },
    write: (note) => replaceFile(path, note),
  };
}
