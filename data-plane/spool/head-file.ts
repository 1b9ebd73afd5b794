import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../program/replace-file.ts';
import type { SpoolHead } from './place.ts';

const FILE = 'head.json';
const DIGEST_SHAPE = /^[0-9a-f]{64}$/;

/** The head of what the spool has had, for when the segment with it is gone: the next epoch has to name it. */
export interface HeadFile {
  /** As it was kept last; undefined when there is none that can be read. */
  read(): Promise<SpoolHead | undefined>;
  /** Durable when it resolves. One call at a time. */
  keep(head: SpoolHead): Promise<void>;
}

export function openHeadFile(directory: string): HeadFile {
  const path = join(directory, FILE);
  return {
    async read() {
      try {
        const { epoch, seq, digest } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
        if (!isCount(epoch) || !isCount(seq) || !DIGEST_SHAPE.test(String(digest))) return undefined;
        return { epoch, seq, digest: Buffer.from(String(digest), 'hex') };
      } catch {
        return undefined;
      }
    },
    keep({ epoch, seq, digest }) {
      const content = JSON.stringify({ epoch, seq, digest: Buffer.from(digest).toString('hex') });
      return replaceFile(path, content);
    },
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}
