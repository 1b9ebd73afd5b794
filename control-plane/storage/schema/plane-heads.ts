import type { CollectionSchema } from './collection.ts';

const HEAD = {
  bsonType: 'object',
  required: ['seq', 'digest', 'time', 'signature', 'receiveTime'],
  properties: {
    seq: { bsonType: 'long', minimum: 1 },
    digest: { bsonType: 'binData' },
    time: { bsonType: 'date' },
    signature: { bsonType: 'binData' },
    receiveTime: { bsonType: 'date' },
    depth: { bsonType: 'long' },
  },
};

/**
 * The heads that planes signed, newest of each epoch: `batch` came with the records up to it, `heartbeat` by itself, and
 * may name records that are not here yet. `_id` is `{plane}/epochs/{epoch}`.
 */
export const planeHeadsSchema: CollectionSchema = {
  name: 'planeHeads',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'plane', 'epoch'],
      properties: {
        _id: { bsonType: 'string' },
        plane: { bsonType: 'string', minLength: 1 },
        epoch: { bsonType: 'long', minimum: 1 },
        batch: HEAD,
        heartbeat: HEAD,
      },
    },
  },
  indexes: [{ name: 'plane', key: { plane: 1, epoch: 1 } }],
};
