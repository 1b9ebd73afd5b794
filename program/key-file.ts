import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { createSigner, type Signer } from '#core/evidence/signature/ed25519.ts';
import { createPrivateFile, readPrivateFile } from './private-file.ts';

/**
 * Reads the Ed25519 key of this file (PKCS #8, PEM); makes it at the first start, mode 0600. Safe when two processes
 * start at once: both get the one that was there first. Throws when the file is no such key or others may read it.
 */
export async function loadKeyFile(path: string): Promise<Signer> {
  const existing = await readPrivateFile(path);
  if (existing !== undefined) return parseKey(path, existing);
  const { privateKey } = generateKeyPairSync('ed25519');
  await createPrivateFile(path, privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const created = await readPrivateFile(path);
  if (created === undefined) throw new Error(`${path} disappeared while it was made`);
  return parseKey(path, created);
}

function parseKey(path: string, pem: Buffer): Signer {
  try {
    return createSigner(createPrivateKey(pem));
  } catch {
    // The parser's words may quote the key.
    throw new Error(`${path} is not an Ed25519 private key in PEM`);
  }
}
