import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileKeys } from '../../control-plane/evidence-key/file.ts';
import type { KeyProvider } from '../../control-plane/evidence-key/provider.ts';

/** A state directory of its own, with evidence keys in bare files. */
export interface TestKeys {
  readonly directory: string;
  readonly provider: KeyProvider;
  close(): Promise<void>;
}

/** A provider without a key. */
export async function openTestKeys(): Promise<TestKeys> {
  const directory = await mkdtemp(join(tmpdir(), 'sworn-keys-'));
  return {
    directory,
    provider: createFileKeys(directory),
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
