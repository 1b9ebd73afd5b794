import type { CollectionSchema } from './collection.ts';

const HEAD = {
  bsonType: 'object',
  required: ['seq', 'digest'],
  properties: { seq: { bsonType: 'long', minimum: 1 }, digest: { bsonType: 'binData' } },
};

/**
 * Contradictions, each once, stored in the transaction that records it. `_id` is
 * `{plane}/epochs/{epoch}/records/{seq}/{SHA-256 that was offered}`.
 */
export const alarmsSchema: CollectionSchema = {
  name: 'alarms',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'plane', 'epoch', 'stored', 'offered', 'time'],
      properties: {
        _id: { bsonType: 'string' },
        plane: { bsonType: 'string', minLength: 1 },
        epoch: { bsonType: 'long', minimum: 1 },
        stored: HEAD,
        offered: HEAD,
        time: { bsonType: 'date' },
      },
    },
  },
  indexes: [
    { name: 'plane_time', key: { plane: 1, time: 1 } },
    { name: 'time', key: { time: 1, _id: 1 } },
  ],
};
