import { EvidenceError } from '../error.ts';
import { HASH_BYTES } from '../merkle/hash.ts';
import type { ReadNode } from '../merkle/node.ts';
import { rootOf } from '../merkle/root.ts';
import { TILE_BYTES, TILE_HEIGHT, TILE_WIDTH, type TileId, tileWidth } from './tile.ts';

/** Reads a tile; a full one may be given for a partial one, which is its beginning. */
export type ReadTile = (id: TileId) => Uint8Array | Promise<Uint8Array>;

/**
 * Reads the complete nodes of a tree of `size` leaves, of any level, from its tiles, for proofs and frontiers. Every
 * tile is asked for once and kept as long as the reader: use one reader for one task.
 *
 * The reader throws EvidenceError out_of_range (no such node), malformed (a tile is too short); whatever `read` throws.
 */
export function readNodes(size: number, read: ReadTile): ReadNode {
  const tiles = new Map<string, Promise<Uint8Array>>();
  return async (level, index) => {
    const tileLevel = Math.floor(level / TILE_HEIGHT);
    const count = 2 ** (level % TILE_HEIGHT);
    const first = index * count;
    const tile = Math.floor(first / TILE_WIDTH);
    const width = tileWidth(size, tileLevel, tile);
    const offset = first - tile * TILE_WIDTH;
    if (offset + count > width) {
      throw new EvidenceError('out_of_range', `a tree of ${size} leaves has no node ${level}/${index}`);
    }
    const key = `${tileLevel}/${tile}`;
    const bytes = tiles.get(key) ?? readTile({ level: tileLevel, index: tile, width }, read);
    tiles.set(key, bytes);
    return rootOf(hashesOf(await bytes, offset, count));
  };
}

/**
 * The root over the 256 hashes of a full tile: its hash in the tile above.
 * @throws EvidenceError malformed: another number of bytes
 */
export function tileRoot(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== TILE_BYTES) throw new EvidenceError('malformed', 'not a full tile');
  return rootOf(hashesOf(bytes, 0, TILE_WIDTH));
}

/**
 * Reads a tile, as wide as its id says.
 * @throws EvidenceError malformed: it has fewer hashes; whatever `read` throws
 */
export async function readTile(id: TileId, read: ReadTile): Promise<Uint8Array> {
  const bytes = await read(id);
  if (bytes.length < id.width * HASH_BYTES) {
    throw new EvidenceError('malformed', `tile ${id.level}/${id.index} has fewer than ${id.width} hashes`);
  }
  return bytes.subarray(0, id.width * HASH_BYTES);
}

function hashesOf(bytes: Uint8Array, first: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, at) => {
    const begin = (first + at) * HASH_BYTES;
    return bytes.slice(begin, begin + HASH_BYTES);
  });
}
