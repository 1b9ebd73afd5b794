import type { BundleTrust } from '#core/evidence/bundle/verify.ts';
import { readEvidenceKey, readKept, readNoteKey } from '../../../evidence/keys.ts';
import type { VerifyCommandOptions } from './options.ts';

/** What the options say to verify by. @throws CommandFailure usage */
export async function readTrust(options: VerifyCommandOptions): Promise<BundleTrust> {
  const { logKey, witness = [], evidenceKey = [], checkpoint = [] } = options;
  return {
    logKey: logKey === undefined ? undefined : readNoteKey(logKey, 'ed25519'),
    witnessKeys: witness.map((typed) => readNoteKey(typed, 'cosignature')),
    evidenceKeys: await Promise.all(evidenceKey.map(readEvidenceKey)),
    kept: await Promise.all(checkpoint.map(readKept)),
  };
}
