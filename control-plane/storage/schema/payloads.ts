import type { CollectionSchema } from './collection.ts';

/**
 * Payloads of records, as their planes sealed them, in chunks: a document holds at most 16 MiB. `_id` is
 * `{plane}/epochs/{epoch}/records/{seq}/{sha256}/{index}`. Chunks are written before their record and are part of the
 * evidence only when the record names their digest; `exchange` finds them all, for erasure.
 */
export const payloadsSchema: CollectionSchema = {
  name: 'payloads',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'exchange', 'data', 'receiveTime'],
      properties: {
        _id: { bsonType: 'string' },
        exchange: { bsonType: 'string' },
        data: { bsonType: 'binData' },
        receiveTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [{ name: 'exchange', key: { exchange: 1 } }],
};
