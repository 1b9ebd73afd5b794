import { EvidenceError } from '../error.ts';
import { HASH_BYTES } from '../merkle/hash.ts';
import { checkSize } from '../merkle/head.ts';
import { type ReadTile, readTile, tileRoot } from './read.ts';
import { hashesAt, TILE_BYTES, TILE_WIDTH, type Tile, tileWidth } from './tile.ts';

/**
 * The tiles of hashes that appending these leaves to a tree of `size` makes or widens, those of `grownTiles`, with their
 * bytes. The same leaves always give the same tiles.
 * @param leafHashes 32 bytes each
 * @param read is asked for the partial tiles at the right edge of the tree as it was, one a level
 * @throws EvidenceError out_of_range, malformed (a leaf hash or a tile has another length); whatever `read` throws
 */
export async function growTiles(
  size: number,
  leafHashes: readonly Uint8Array[],
  read: ReadTile,
): Promise<Tile[]> {
  checkSize(size + leafHashes.length);
  if (leafHashes.some(({ length }) => length !== HASH_BYTES)) {
    throw new EvidenceError('malformed', 'a leaf hash has 32 bytes');
  }
  const tiles: Tile[] = [];
  let hashes = leafHashes;
  for (let level = 0; hashes.length > 0; level++) {
    const grown = await growLevel(size, level, hashes, read);
    tiles.push(...grown);
    hashes = grown.filter(({ id }) => id.width === TILE_WIDTH).map(({ bytes }) => tileRoot(bytes));
  }
  return tiles;
}

async function growLevel(
  size: number,
  level: number,
  hashes: readonly Uint8Array[],
  read: ReadTile,
): Promise<Tile[]> {
  const first = Math.floor(hashesAt(size, level) / TILE_WIDTH);
  const width = tileWidth(size, level, first);
  const before = width === 0 ? [] : [await readTile({ level, index: first, width }, read)];
  const all = Buffer.concat([...before, ...hashes]);
  const tiles: Tile[] = [];
  for (let at = 0; at < all.length; at += TILE_BYTES) {
    const bytes = all.subarray(at, at + TILE_BYTES);
    tiles.push({ id: { level, index: first + tiles.length, width: bytes.length / HASH_BYTES }, bytes });
  }
  return tiles;
}
