import type { Collection } from 'mongodb';
import type { Tile, TileId } from '#core/evidence/tiles/tile.ts';
import { conform } from '../conform.ts';
import type { ClientSession, Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { logTilesSchema } from '../schema/log-tiles.ts';

interface TileDocument {
  readonly _id: string;
  readonly bytes: Uint8Array;
}

const asTile = conform<TileDocument>(logTilesSchema);

/** A tile's hashes as stored, at least as wide as asked for unless it was tampered with; undefined when it is not there. */
export async function findTile(database: Database, id: TileId): Promise<Uint8Array | undefined> {
  const found = await tiles(database).findOne({ _id: nameOf(id) });
  return found === null ? undefined : asTile(found).bytes;
}

/** Several tiles, by `{level}/{index}`; those that there are. */
export async function findTiles(
  database: Database,
  session: ClientSession,
  ids: readonly TileId[],
): Promise<Map<string, Uint8Array>> {
  if (ids.length === 0) return new Map();
  const documents = await tiles(database)
    .find({ _id: { $in: ids.map(nameOf) } }, { session })
    .toArray();
  return new Map(documents.map(asTile).map(({ _id, bytes }) => [_id, bytes]));
}

/** Stores tiles, each in the place of its narrower form, in the transaction that advances the log. */
export async function writeTiles(
  database: Database,
  session: ClientSession,
  written: readonly Tile[],
): Promise<void> {
  const operations = written.map(({ id, bytes }) => ({
    replaceOne: { filter: { _id: nameOf(id) }, replacement: { bytes }, upsert: true },
  }));
  await tiles(database).bulkWrite(operations, { session });
}

function nameOf({ level, index }: TileId): string {
  return `${level}/${index}`;
}

function tiles(database: Database): Collection<TileDocument> {
  return database.db.collection<TileDocument>('logTiles', PLAIN_TYPES);
}
