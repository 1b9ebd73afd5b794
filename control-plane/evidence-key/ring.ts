import { createHash, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { intervalKeyId, openIntervalKey } from '#core/evidence/seal/interval-key.ts';
import { KEYS_FOLDER, listKeyFiles, readKeyFile, type StoredSecret, writeKeyFile } from './key-files.ts';
import { type EvidenceKey, EvidenceKeyError, type KeyProvider } from './provider.ts';

/** How the private part of a key lies in its file. */
export interface KeyGuard {
  /** @param secret X25519, 32 bytes */
  protect(id: string, secret: Uint8Array): Promise<StoredSecret>;
  /** Rejects with EvidenceKeyError unavailable. */
  reveal(id: string, stored: StoredSecret): Promise<Uint8Array>;
}

interface OpenKey extends EvidenceKey {
  readonly jwk: JWK;
}

/**
 * A key provider over the files of a state directory. A key is revealed when it is first seen and then stays in this
 * process's memory. A key that is not known yet is looked for again, so that a file that is copied here while the
 * program runs is found.
 */
export function createKeyRing(stateDirectory: string, place: string, guard: KeyGuard): KeyProvider {
  const folder = join(stateDirectory, KEYS_FOLDER);
  const keys = new Map<string, OpenKey>();

  const find = async (id: string): Promise<OpenKey | undefined> => {
    const known = keys.get(id);
    if (known !== undefined) return known;
    const stored = await readKeyFile(folder, id);
    if (stored === undefined) return undefined;
    const secret = await guard.reveal(id, stored);
    const key = toOpenKey(stored.publicKey, Buffer.from(secret).toString('base64url'), stored.createTime);
    secret.fill(0);
    if (key.id !== id) throw new Error(`the file of evidence key ${id} has another key`);
    keys.set(id, key);
    return key;
  };

  return {
    place,
    async list() {
      for (const id of await listKeyFiles(folder)) await find(id);
      const byTime = [...keys.values()].sort((a, b) => a.createTime.getTime() - b.createTime.getTime());
      return byTime.map(({ id, publicKey, createTime }) => ({ id, publicKey, createTime }));
    },
    async create(createTime) {
      const { x = '', d = '' } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
      const key = toOpenKey(x, d, createTime.toISOString());
      const secret = await guard.protect(key.id, Buffer.from(d, 'base64url'));
      await writeKeyFile(folder, {
        id: key.id,
        publicKey: x,
        createTime: createTime.toISOString(),
        ...secret,
      });
      keys.set(key.id, key);
      const { id, publicKey } = key;
      return { id, publicKey, createTime };
    },
    async unwrap(jwe) {
      const id = intervalKeyId(jwe);
      const key = await find(id);
      if (key === undefined) {
        throw new EvidenceKeyError('missing', id, `evidence key ${id} is not in ${place}`);
      }
      return await openIntervalKey(jwe, key.jwk);
    },
  };
}

function toOpenKey(x: string, d: string, createTime: string): OpenKey {
  const id = thumbprint(x);
  const jwk = { kty: 'OKP', crv: 'X25519', x, d, kid: id };
  return { id, publicKey: Buffer.from(x, 'base64url'), createTime: new Date(createTime), jwk };
}

/** RFC 7638, section 3: the required members, in the order of their names. */
function thumbprint(x: string): string {
  return createHash('sha256').update(`{"crv":"X25519","kty":"OKP","x":"${x}"}`).digest('base64url');
}
