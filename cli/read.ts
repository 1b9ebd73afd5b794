import { fstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { parseCertificates } from '../program/certificates.ts';
import { fileFailure, usageFailure } from './failure.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** All of stdin as UTF-8, or a usage failure. Ctrl-C ends the process as it does while any program waits for its input. */
export async function readStdin(): Promise<string> {
  return decode(await buffer(openStdin()), 'stdin');
}

/** Stdin, or a usage failure where it is a directory: Node takes that for nothing. */
export function openStdin(): AsyncIterable<Buffer> {
  if (isDirectory(0)) throw usageFailure('stdin is a directory', 'give a file with < FILE, or pipe text in');
  return process.stdin;
}

function isDirectory(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isDirectory();
  } catch {
    // It is closed, which reading it will tell.
    return false;
  }
}

/** A file as UTF-8, or a usage failure that names what it was for. */
export async function readText(path: string, purpose: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw fileFailure(`read ${purpose} ${path}`, error);
  }
  return decode(bytes, `${purpose} ${path}`);
}

/** A file of certificates in PEM, or a usage failure that says what it lacks. Notes between them may be in any encoding. */
export async function readCertificates(path: string, purpose: string): Promise<string> {
  const pem = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileFailure(`read ${purpose} ${path}`, error);
  });
  try {
    parseCertificates(pem);
    return pem;
  } catch (error) {
    throw usageFailure(`cannot read ${purpose} ${path}: it ${(error as Error).message}`, 'check the path');
  }
}

/** Other bytes would silently become other letters: a pattern would not find what it says. */
function decode(bytes: Uint8Array, what: string): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw usageFailure(`${what} is not UTF-8 text`, 'convert it first, for example with iconv -t UTF-8');
  }
}
