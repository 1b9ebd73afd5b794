import type { JWK } from 'jose';
import { EvidenceError } from '../error.ts';
import { EMPTY_ROOT, equalBytes, leafHash } from '../merkle/hash.ts';
import type { TreeHead } from '../merkle/head.ts';
import { verifyInclusion } from '../merkle/verify.ts';
import { readRecord } from '../record/read.ts';
import { ChainCheck, epochKey } from './chain.ts';
import { sha256 } from './digest.ts';
import { type Fault, FaultList } from './fault.ts';
import { HeadCheck } from './heads.ts';
import type { EvidenceItem, LaterItem, RecordItem } from './item.ts';
import { PayloadCheck, type PayloadCounts } from './payload.ts';
import { TreeCheck } from './tree.ts';
import { type Cosignature, readCheckpoint, type VerifyTrust } from './trust.ts';

/** What is verified, and by what. */
export interface VerifyOptions {
  readonly trust: VerifyTrust;
  /** The checkpoint of the tree that the records are in, a signed note. */
  readonly checkpoint: string;
  /** All records of the tree come, in their order; else some, each with a proof. */
  readonly isComplete: boolean;
  /** Payloads come with their records: one that does not is missing. */
  readonly hasPayloads: boolean;
  /** Ed25519, 32 bytes. */
  readonly receiptKey?: Uint8Array;
  /** The log as it is stored, where that is known. */
  readonly stored?: TreeHead;
  /** Private keys, X25519 with `kid`, that open payloads. */
  readonly evidenceKeys?: readonly JWK[];
  /** Checkpoints that the verifier kept from earlier: the log must go on from them. */
  readonly kept?: readonly string[];
}

/** What was verified, and what is wrong. */
export interface VerifyReport {
  readonly origin: string;
  /** The tree that the checkpoint names; undefined where that is not the log's. */
  readonly tree: TreeHead | undefined;
  /** Of that checkpoint, by witnesses that were asked for. */
  readonly cosignatures: readonly Cosignature[];
  readonly records: number;
  readonly writers: number;
  /** Signatures of planes and receipts that verified. */
  readonly statements: number;
  readonly checkpoints: number;
  readonly payloads: PayloadCounts;
  /** The first thousand, and the first of each code. */
  readonly faults: readonly Fault[];
  /** All of them. */
  readonly faultCount: number;
}

/** Takes evidence piece by piece, in the order that `EvidenceItem` gives. */
export interface Verifier {
  add(item: EvidenceItem): Promise<void>;
  /** A fault of the form that the evidence came in. */
  readonly faults: FaultList;
  finish(): VerifyReport;
}

/**
 * A verifier of the record: it recomputes every leaf and the root, follows each writer's chain, and checks the signatures of
 * planes and receipts, payloads, erasures and checkpoints. It goes on after a fault. Besides the piece at hand it holds a
 * few hashes for each epoch, 32 bytes for each record, and the names of what is missing.
 */
export function createVerifier(options: VerifyOptions): Verifier {
  const { trust, isComplete } = options;
  const faults = new FaultList();
  const head = readCheckpoint(options.checkpoint, 'the checkpoint', trust, faults);
  const target = head ?? { size: 0, root: EMPTY_ROOT };
  const tree = new TreeCheck(target, isComplete, faults);
  const chains = new ChainCheck(isComplete, faults);
  const heads = new HeadCheck(options.receiptKey, isComplete, faults);
  const payloads = new PayloadCheck(options.hasPayloads, options.evidenceKeys ?? [], faults);
  const kept = readKept(options, faults);
  let records = 0;
  let checkpoints = head === undefined ? 0 : 1;

  if (head !== undefined && options.stored !== undefined) checkStored(options.stored, head, faults);

  const addRecord = async (item: RecordItem): Promise<void> => {
    records += 1;
    const record = readRecord(item.bytes);
    const { index } = item;
    const place =
      record === undefined ? { index } : { index, plane: record.plane, epoch: record.epoch, seq: record.seq };
    // Kept heads are of trees that end before this leaf.
    while (kept[0] !== undefined && kept[0].size <= index) takeKept();
    // Without a checkpoint there is no tree to compare with; all else is still checked.
    if (head !== undefined) tree.addRecord(item, place);
    if (record === undefined) {
      faults.add('record_malformed', 'not a serialised Record with a place and a time', place);
      return;
    }
    const digest = sha256(item.bytes);
    chains.add(record, digest, place);
    heads.addRecord(record, digest, place);
    await payloads.add(record, item, place);
  };
  const takeKept = (): void => {
    const next = kept.shift();
    if (next !== undefined && head !== undefined) tree.addHead(next, 'a kept checkpoint');
  };

  return {
    faults,
    async add(item) {
      switch (item.kind) {
        case 'plane_key':
          return heads.addKey(item.plane, item.publicKey);
        case 'head':
          return heads.add(item.source, item.head, last(item.head), records > 0);
        case 'receipt':
          return heads.add('receipt', item.receipt, last(item.receipt), records > 0);
        case 'tile':
          return head === undefined ? undefined : tree.addTile(item);
        case 'record':
          return addRecord(item);
        case 'checkpoint': {
          const note = { logKey: trust.logKey, witnessKeys: [] };
          const published = readCheckpoint(item.note, 'a published checkpoint', note, faults);
          if (published === undefined || head === undefined) return;
          checkpoints += 1;
          while (kept[0] !== undefined && kept[0].size < published.size) takeKept();
          tree.addHead(published, 'a published checkpoint');
          return;
        }
        case 'later':
          addLater(item, target.size, trust, payloads, faults);
      }
    },
    finish() {
      while (kept.length > 0) takeKept();
      if (head !== undefined) tree.finish();
      chains.finish();
      heads.finish(chains.epochs);
      payloads.finish();
      return {
        origin: trust.logKey.name,
        tree: head,
        cosignatures: head?.cosignatures ?? [],
        records,
        writers: new Set([...chains.epochs.values()].map(({ plane }) => plane)).size,
        statements: heads.count,
        checkpoints,
        payloads: payloads.counts,
        faults: faults.kept,
        faultCount: faults.count,
      };
    },
  };

  function last({ plane, epoch }: { readonly plane: string; readonly epoch: bigint }) {
    return chains.epochs.get(epochKey(plane, epoch));
  }
}

/** Nothing but an erasure has to be known of what came after the tree; whoever vouches for the tree vouches for it too. */
function addLater(
  item: LaterItem,
  treeSize: number,
  trust: VerifyTrust,
  payloads: PayloadCheck,
  faults: FaultList,
): void {
  const { note, index, bytes, proof } = item;
  const head = readCheckpoint(note, 'a later checkpoint', trust, faults);
  if (head === undefined) return;
  if (index < treeSize) {
    faults.add('proof_refused', 'a later erasure has its place in the tree itself', { index });
    return;
  }
  const record = readRecord(bytes);
  if (record?.action !== 'exchange.erase') {
    faults.add('erasure_malformed', 'a later record is no erasure', { index });
    return;
  }
  const place = { index, plane: record.plane, epoch: record.epoch, seq: record.seq };
  try {
    verifyInclusion({ leafHash: leafHash(bytes), index, proof, head });
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    faults.add('proof_refused', error.message, place);
    return;
  }
  payloads.takeErasure(record, place);
}

/** What the store says of the log must go on from the newest checkpoint. */
function checkStored(stored: TreeHead, head: TreeHead, faults: FaultList): void {
  if (stored.size < head.size) {
    faults.add('log_contradicted', `the stored log has ${stored.size} leaves, its checkpoint ${head.size}`);
  } else if (stored.size === head.size && !equalBytes(stored.root, head.root)) {
    faults.add('log_contradicted', 'the stored log has another root than its checkpoint');
  }
}

/** Smallest tree first. */
function readKept({ kept = [], trust }: VerifyOptions, faults: FaultList): TreeHead[] {
  const bare = { logKey: trust.logKey, witnessKeys: [] };
  return kept
    .flatMap((note) => readCheckpoint(note, 'a kept checkpoint', bare, faults) ?? [])
    .sort((a, b) => a.size - b.size);
}
