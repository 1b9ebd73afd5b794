import type { CollectionSchema } from './collection.ts';

/**
 * Which records stand where in the log: `count` records of an epoch from `seq` on are the leaves from `_id` on. The last
 * run of an epoch says how far it is in the log.
 */
export const logRunsSchema: CollectionSchema = {
  name: 'logRuns',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'plane', 'epoch', 'seq', 'count'],
      properties: {
        _id: { bsonType: 'long', minimum: 0 },
        plane: { bsonType: 'string', minLength: 1 },
        epoch: { bsonType: 'long', minimum: 1 },
        seq: { bsonType: 'long', minimum: 1 },
        count: { bsonType: 'long', minimum: 1 },
      },
    },
  },
  indexes: [{ name: 'plane_epoch_seq', key: { plane: 1, epoch: 1, seq: 1 }, unique: true }],
};
