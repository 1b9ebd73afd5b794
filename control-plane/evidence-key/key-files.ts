import { join } from 'node:path';
import { createPrivateFile, listFiles, readPrivateFile } from '../../program/private-file.ts';

/** A key's private part as its file has it: bare, or encrypted by KMS. */
export type StoredSecret =
  /** X25519, 32 bytes in base64url, as `d` of a JWK (RFC 8037). */
  | { readonly privateKey: string }
  /** What KMS's Encrypt made of those 32 bytes, in base64, and the ARN of the key that it used. */
  | { readonly kmsCiphertext: string; readonly kmsKey: string };

/** A key as its file has it. */
export type StoredKey = {
  readonly id: string;
  /** 32 bytes in base64url, as `x` of a JWK. */
  readonly publicKey: string;
  /** RFC 3339. */
  readonly createTime: string;
} & StoredSecret;

/** In the state directory. A file for each key, so that nothing that is there has to be written again. */
export const KEYS_FOLDER = 'evidence-keys';
const SUFFIX = '.json';
/** The base64url of 32 bytes. */
const ID = /^[A-Za-z0-9_-]{43}$/;

/** The ids of the keys that have a file. */
export async function listKeyFiles(folder: string): Promise<string[]> {
  return (await listFiles(folder, SUFFIX)).filter((id) => ID.test(id));
}

/** A key's file, read; undefined when there is none. Throws when others may read it, or it is not one. */
export async function readKeyFile(folder: string, id: string): Promise<StoredKey | undefined> {
  if (!ID.test(id)) return undefined;
  const path = join(folder, `${id}${SUFFIX}`);
  const bytes = await readPrivateFile(path);
  if (bytes === undefined) return undefined;
  const key = parse(bytes.toString('utf8'));
  if (key?.id !== id) throw new Error(`${path} is not the file of that evidence key`);
  return key;
}

/** Writes a new key's file (0600), durably. */
export function writeKeyFile(folder: string, key: StoredKey): Promise<void> {
  const text = `${JSON.stringify(key, undefined, 2)}\n`;
  return createPrivateFile(join(folder, `${key.id}${SUFFIX}`), Buffer.from(text, 'utf8'));
}

function parse(text: string): StoredKey | undefined {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text);
  } catch {
    // Its words would quote the file.
    return undefined;
  }
  const isText = (name: string): boolean => typeof value?.[name] === 'string';
  const hasSecret = isText('privateKey') || (isText('kmsCiphertext') && isText('kmsKey'));
  const isKey = isText('id') && isText('publicKey') && isText('createTime') && hasSecret;
  return isKey ? (value as unknown as StoredKey) : undefined;
}
