import type { Statement } from '../statement/statement.ts';

/** A statement with its signature. */
export interface SignedItem extends Statement {
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/**
 * A piece of evidence. Keys, heads and receipts come before the records; then tiles, each before its records, and records
 * in the order of the log, with checkpoints after the records that they cover; then later erasures, newer heads and receipts, and the upper
 * tiles.
 */
export type EvidenceItem =
  | { readonly kind: 'plane_key'; readonly plane: string; readonly publicKey: Uint8Array }
  | { readonly kind: 'head'; readonly source: 'batch' | 'heartbeat'; readonly head: SignedItem }
  | { readonly kind: 'receipt'; readonly receipt: SignedItem }
  | TileItem
  | RecordItem
  | { readonly kind: 'checkpoint'; readonly note: string }
  | LaterItem;

/** An erasure that came after the tree: under a later checkpoint of the log, by its own proof. */
export interface LaterItem {
  readonly kind: 'later';
  readonly note: string;
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Hashes of the tree, as the log serves them. */
export interface TileItem {
  readonly kind: 'tile';
  readonly level: number;
  readonly index: number;
  /** 32 bytes for each hash. */
  readonly hashes: Uint8Array;
}

/** A record in its place. */
export interface RecordItem {
  readonly kind: 'record';
  readonly index: number;
  /** As written. */
  readonly bytes: Uint8Array;
  /** Where not all records are given. */
  readonly proof?: readonly Uint8Array[];
  /** A serialised SealedPayload. */
  readonly payload?: Uint8Array;
  /** What the store says of the payload: SHA-256. */
  readonly payloadSha256?: Uint8Array;
  /** By what the store finds the record though it does not say so: `action`. In no bundle. */
  readonly misfiled?: readonly string[];
  /** When the store says that it came, in ms since 1970. In no bundle. */
  readonly receivedMs?: number;
}
