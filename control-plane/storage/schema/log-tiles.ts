import type { CollectionSchema } from './collection.ts';

/**
 * The tiles of the log's tree: 32 bytes for each of up to 256 hashes. `_id` is `{level}/{index}`. A tile only ever gets
 * wider, so that every narrower form of it is its beginning.
 */
export const logTilesSchema: CollectionSchema = {
  name: 'logTiles',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'bytes'],
      properties: { _id: { bsonType: 'string' }, bytes: { bsonType: 'binData' } },
    },
  },
  indexes: [],
};
