import { EvidenceError } from '#core/evidence/error.ts';
import { type Frontier, readFrontier } from '#core/evidence/merkle/frontier.ts';
import { equalBytes } from '#core/evidence/merkle/hash.ts';
import type { TreeHead } from '#core/evidence/merkle/head.ts';
import { consistencyProof } from '#core/evidence/merkle/prove.ts';
import { verifyConsistency } from '#core/evidence/merkle/verify.ts';
import { type ReadTile, readNodes } from '#core/evidence/tiles/read.ts';
import { hashesAt, TILE_WIDTH, type TileId } from '#core/evidence/tiles/tile.ts';
import type { Database } from '../storage/database.ts';
import { findTile } from '../storage/log/log-tiles.ts';
import { LogFault } from './fault.ts';

/** Reads the tiles of the store. The reader throws LogFault inconsistent where there is none. */
export function tileReader(database: Database): ReadTile {
  return async (id) => (await findTile(database, id)) ?? missing(id);
}

/** Refuses a tile that a tree of this size has and the store has not. @throws LogFault inconsistent */
export function missing({ level, index }: TileId): never {
  throw new LogFault('inconsistent', `tile ${level}/${index} of the log is not stored`);
}

/** The partial tiles at the right edge of a tree: all that its frontier takes. */
export function edgeTiles(size: number): TileId[] {
  const tiles: TileId[] = [];
  for (let level = 0; hashesAt(size, level) > 0; level++) {
    const hashes = hashesAt(size, level);
    const width = hashes % TILE_WIDTH;
    if (width > 0) tiles.push({ level, index: Math.floor(hashes / TILE_WIDTH), width });
  }
  return tiles;
}

/**
 * The right edge of the stored tree, found to lead to its root.
 * @throws LogFault inconsistent; whatever `read` throws
 */
export async function openFrontier(head: TreeHead, read: ReadTile): Promise<Frontier> {
  try {
    const frontier = await readFrontier(head.size, readNodes(head.size, read));
    if (equalBytes(frontier.root(), head.root)) return frontier;
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw new LogFault('inconsistent', `the tiles of the log's right edge are damaged: ${error.message}`);
  }
  throw new LogFault('inconsistent', `the tiles do not lead to the log's root at ${head.size} leaves`);
}

/**
 * Shows that the stored tree `to` begins with all of `from`.
 * @returns the proof
 * @throws LogFault; whatever `read` throws
 */
export async function proveGrowth(from: TreeHead, to: TreeHead, read: ReadTile): Promise<Uint8Array[]> {
  if (to.size < from.size) {
    throw new LogFault(
      'rolled_back',
      `the log has ${to.size} leaves, and a checkpoint of ${from.size} was signed`,
    );
  }
  try {
    const proof = await consistencyProof(from.size, to.size, readNodes(to.size, read));
    verifyConsistency({ from, to, proof });
    return proof;
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    const trees = `the log of ${to.size} leaves does not begin with the one of ${from.size} that was signed`;
    throw new LogFault('inconsistent', trees, error);
  }
}
