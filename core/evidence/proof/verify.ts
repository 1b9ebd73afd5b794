import { type LogTrust, type OpenCheckpoint, openCheckpoint } from '../checkpoint/open.ts';
import { verifyInclusion } from '../merkle/verify.ts';
import type { LogProof } from './proof.ts';

/**
 * Verifies that the entry with this leaf hash is in the log (https://c2sp.org/tlog-proof, "Verifying a tlog proof"):
 * the checkpoint is of the log, signed by it and by enough witnesses, and the proof leads to its root.
 * @param leafHash of the entry, calculated from the entry itself
 * @throws EvidenceError all that `openCheckpoint` throws; out_of_range, malformed, proof_refused
 */
export function verifyProof(proof: LogProof, leafHash: Uint8Array, trust: LogTrust): OpenCheckpoint {
  const open = openCheckpoint(proof.checkpoint, trust);
  verifyInclusion({ leafHash, index: proof.index, proof: proof.hashes, head: open.checkpoint });
  return open;
}
