import { signCheckpoint } from '#core/evidence/checkpoint/sign.ts';
import type { TreeHead } from '#core/evidence/merkle/head.ts';
import type { Signer } from '#core/evidence/signature/ed25519.ts';
import type { ReadTile } from '#core/evidence/tiles/read.ts';
import type { Memory } from './memory.ts';
import { openFrontier, proveGrowth } from './tree.ts';

/** Signs the log's trees, each only after it was shown to begin with the one signed before. */
export interface CheckpointSigner {
  /** The newest tree that is known to be signed; undefined before the first. */
  readonly signed: TreeHead | undefined;
  /** Shows that the stored tree goes on from the newest signed one. @throws LogFault */
  check(head: TreeHead): Promise<void>;
  /** Checks, remembers durably, then gives the checkpoint away. @throws LogFault */
  sign(head: TreeHead): Promise<string>;
}

/**
 * @param published the newest checkpoint in the store: all that a signer without a memory of its own has to go by
 */
export async function createCheckpointSigner(options: {
  readonly origin: string;
  readonly signer: Signer;
  readonly memory: Memory;
  readonly published: TreeHead | undefined;
  readonly read: ReadTile;
}): Promise<CheckpointSigner> {
  const { origin, signer, memory, read } = options;
  let signed: TreeHead | undefined = larger(await memory.read(), options.published);

  // Another process may have signed in the same directory.
  const recall = async (): Promise<TreeHead | undefined> => {
    signed = larger(await memory.read(), signed);
    return signed;
  };
  const check = async (head: TreeHead): Promise<void> => {
    const before = await recall();
    if (before !== undefined) await proveGrowth(before, head, read);
    await openFrontier(head, read);
  };
  return {
    get signed() {
      return signed;
    },
    check,
    async sign(head) {
      await check(head);
      const note = signCheckpoint({ origin, ...head, extensions: [] }, signer);
      await memory.write(note);
      signed = head;
      return note;
    },
  };
}

function larger(a: TreeHead | undefined, b: TreeHead | undefined): TreeHead | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.size > a.size ? b : a;
}
