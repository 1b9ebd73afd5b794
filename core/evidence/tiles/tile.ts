import { EvidenceError } from '../error.ts';
import { HASH_BYTES } from '../merkle/hash.ts';
import { checkSize } from '../merkle/head.ts';

// All numbers of this file: https://c2sp.org/tlog-tiles, "Merkle Tree".
/** Levels of the tree in a tile. */
export const TILE_HEIGHT = 8;
/** Hashes of a full tile, entries of a full bundle. */
export const TILE_WIDTH = 256;
/** Bytes of a full tile. */
export const TILE_BYTES = TILE_WIDTH * HASH_BYTES;
/** The highest level that a path may name. */
export const MAX_TILE_LEVEL = 63;

/** A tile of hashes, or a bundle of entries. */
export interface TileId {
  /** 0 for leaf hashes, then one for every eight levels of the tree; `entries` for a bundle of entries. */
  readonly level: number | 'entries';
  /** From the left, from 0. */
  readonly index: number;
  /** Hashes or entries in it, 1 to 256; below 256 it is partial. */
  readonly width: number;
}

/** A tile with its hashes, one after the other. */
export interface Tile {
  readonly id: TileId;
  /** 32 bytes for each hash. */
  readonly bytes: Uint8Array;
}

/**
 * How wide the tile is in a tree of this size: 0 when the tree does not reach it, 256 when it is full.
 * @throws EvidenceError out_of_range
 */
export function tileWidth(size: number, level: number | 'entries', index: number): number {
  const width = hashesAt(size, level === 'entries' ? 0 : level) - index * TILE_WIDTH;
  return Math.min(TILE_WIDTH, Math.max(0, width));
}

/**
 * The tiles of hashes that are new or wider in a tree of `to` leaves than in one of `from`, each as wide as it is then:
 * level by level, from the left. The bundles that grow are those of level 0.
 * @throws EvidenceError out_of_range
 */
export function grownTiles(from: number, to: number): TileId[] {
  checkSize(from);
  checkSize(to);
  if (from > to) throw new EvidenceError('out_of_range', 'a tree does not shrink');
  const tiles: TileId[] = [];
  for (let level = 0; hashesAt(to, level) > hashesAt(from, level); level++) {
    const first = Math.floor(hashesAt(from, level) / TILE_WIDTH);
    const last = Math.floor((hashesAt(to, level) - 1) / TILE_WIDTH);
    for (let index = first; index <= last; index++) {
      tiles.push({ level, index, width: tileWidth(to, level, index) });
    }
  }
  return tiles;
}

/**
 * How many hashes all tiles of a level have together, in a tree of this size.
 * @throws EvidenceError out_of_range
 */
export function hashesAt(size: number, level: number): number {
  checkSize(size);
  if (!Number.isInteger(level) || level < 0 || level > MAX_TILE_LEVEL) {
    throw new EvidenceError('out_of_range', `no tile has level ${level}`);
  }
  return Math.floor(size / TILE_WIDTH ** level);
}
