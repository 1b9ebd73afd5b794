import type { SpoolEntry } from './entry.ts';

/** Where an entry comes to stand. */
export interface EntryPlace {
  readonly epoch: number;
  /** From 1, without gaps in an epoch. */
  readonly seq: number;
  /** SHA-256 of the record before it in the epoch; 32 zero bytes for the first. */
  readonly prevHash: Uint8Array;
}

/** A durable entry that all before it in its epoch lead to. */
export interface SpoolHead {
  readonly epoch: number;
  readonly seq: number;
  /** SHA-256 of its record. */
  readonly digest: Uint8Array;
}

/** Makes the entry once its place is known. What it throws rejects this append only. */
export type EncodeEntry = (place: EntryPlace) => SpoolEntry;

/** Makes the first entry of an epoch; `previous` is the newest entry of the epoch before it, where there was one. */
export type EncodeBegin = (place: EntryPlace, previous: SpoolHead | undefined) => SpoolEntry;
