import { type Checkpoint, parseCheckpoint } from '#core/evidence/checkpoint/checkpoint.ts';
import { EvidenceError } from '#core/evidence/error.ts';
import { EMPTY_ROOT } from '#core/evidence/merkle/hash.ts';
import type { TreeHead } from '#core/evidence/merkle/head.ts';
import { verifyConsistency } from '#core/evidence/merkle/verify.ts';
import type { NoteKey } from '#core/evidence/note/key.ts';
import { formatNote, formatSignature, parseNote } from '#core/evidence/note/note.ts';
import { cosign } from '#core/evidence/note/sign.ts';
import { openNote } from '#core/evidence/note/verify.ts';
import type { Signer } from '#core/evidence/signature/ed25519.ts';
import { hashOrigin, type Ledger } from './ledger.ts';
import { type AddCheckpoint, parseAddCheckpoint } from './request.ts';

/** The answer to `add-checkpoint`, with the statuses of https://c2sp.org/tlog-witness. */
export type CosignAnswer =
  | { readonly status: 200; readonly line: string; readonly checkpoint: Checkpoint }
  /** The size of the tree that was cosigned last. */
  | { readonly status: 409; readonly size: number }
  | { readonly status: 400 | 403 | 404 | 422; readonly reason: string };

/** What a witness works with. */
export interface WitnessParts {
  readonly name: string;
  readonly signer: Signer;
  readonly logKeys: readonly NoteKey[];
  readonly ledger: Ledger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const EMPTY: TreeHead = { size: 0, root: EMPTY_ROOT };

class Refusal extends Error {
  readonly status: 400 | 403 | 404 | 422;

  constructor(status: 400 | 403 | 404 | 422, reason: string) {
    super(reason);
    this.status = status;
  }
}

/**
 * Makes the function that answers submissions. Those of one log are taken one after the other, so that comparing with
 * the last checkpoint and replacing it are one step. It rejects when the ledger cannot be read or written, and then
 * nothing is cosigned.
 */
export function createCosigner(parts: WitnessParts): (body: Uint8Array) => Promise<CosignAnswer> {
  const queues = new Map<string, Promise<unknown>>();
  return async (body) => {
    try {
      const request = read(() => parseAddCheckpoint(body));
      const checkpoint = openSubmitted(parts.logKeys, request.note);
      const { origin } = checkpoint;
      const turn = (queues.get(origin) ?? Promise.resolve()).then(() => decide(parts, request, checkpoint));
      queues.set(
        origin,
        turn.catch(() => undefined),
      );
      return await turn;
    } catch (error) {
      if (error instanceof Refusal) return { status: error.status, reason: error.message };
      throw error;
    }
  };
}

/** @throws Refusal 400, 403, 404, 422 (a tree without leaves that has another root) */
function openSubmitted(logKeys: readonly NoteKey[], note: string): Checkpoint {
  const { text } = read(() => parseNote(note));
  const [origin, size] = text.split('\n');
  const keys = logKeys.filter(({ name }) => name === origin);
  if (keys.length === 0) throw new Refusal(404, 'this log is not known here');
  try {
    openNote(note, keys);
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw new Refusal(403, error.message);
  }
  return read(() => parseCheckpoint(text), size === '0' ? 422 : 400);
}

async function decide(
  { name, signer, ledger, now }: WitnessParts,
  { oldSize, proof, note }: AddCheckpoint,
  checkpoint: Checkpoint,
): Promise<CosignAnswer> {
  if (oldSize > checkpoint.size) throw new Refusal(400, 'the old size is larger than the checkpoint');
  const originHash = hashOrigin(checkpoint.origin);
  const latest: TreeHead = (await ledger.read(originHash))?.checkpoint ?? EMPTY;
  if (oldSize !== latest.size) return { status: 409, size: latest.size };
  read(() => verifyConsistency({ from: latest, to: checkpoint, proof }), 422);
  const { text, signatures } = parseNote(note);
  const cosignature = cosign(text, name, signer, Math.floor(now() / 1000));
  // Before anybody sees it. Of the other signatures only the log's are known to be any.
  const ofLog = signatures.filter((signature) => signature.name === checkpoint.origin);
  await ledger.write(originHash, formatNote({ text, signatures: [...ofLog, cosignature] }));
  return { status: 200, line: formatSignature(cosignature), checkpoint };
}

function read<T>(run: () => T, status: 400 | 422 = 400): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw new Refusal(status, error.message);
  }
}
