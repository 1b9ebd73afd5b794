import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { usageFailure } from './failure.ts';

/** All of stdin as UTF-8. Ctrl-C ends the process as it does while any program waits for its input. */
export function readStdin(): Promise<string> {
  return text(process.stdin);
}

/** A file as UTF-8, or a usage failure that names what it was for. */
export async function readText(path: string, purpose: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw usageFailure(`cannot read ${purpose} ${path}: ${(error as Error).message}`);
  }
}
