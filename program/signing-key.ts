import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createSigner, type Signer } from '#core/evidence/signature/ed25519.ts';
import { syncFolder } from './replace-file.ts';

/** Group may read (secrets mounted by an orchestrator); nothing more, and nobody else anything. */
const FORBIDDEN_MODE = 0o037;

/**
 * Reads the Ed25519 key of this file (PKCS #8, PEM); makes it at the first start, mode 0600. Safe when two processes
 * start at once: both get the one that was there first. Throws when the file is no such key or others may read it.
 */
export async function loadSigningKey(path: string): Promise<Signer> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const existing = await readKey(path);
  if (existing !== undefined) return existing;
  await createKey(path);
  const created = await readKey(path);
  if (created === undefined) throw new Error(`${path} disappeared while it was made`);
  return created;
}

async function readKey(path: string): Promise<Signer | undefined> {
  let pem: string;
  try {
    pem = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & FORBIDDEN_MODE) !== 0) {
    throw new Error(`${path} is open to others (mode ${(mode & 0o777).toString(8)}); run: chmod 600 ${path}`);
  }
  return createSigner(parseKey(path, pem));
}

function parseKey(path: string, pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // The parser's words may quote the key.
  }
  throw new Error(`${path} is not an Ed25519 private key in PEM`);
}

/** Writes the key whole and durable under another name first; `link` then fails if somebody else was faster. */
async function createKey(path: string): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }));
    await file.sync();
    await file.close();
    await link(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await unlink(temporary);
  }
}
