import type { CollectionSchema } from './collection.ts';

/**
 * How far each writer's epochs are stored: the newest seq and its digest, advanced in the transaction that stores the
 * records. `_id` is `{plane}/epochs/{epoch}`, where `plane` is `planes/{id}` or `control-plane/{replica}`.
 */
export const writersSchema: CollectionSchema = {
  name: 'writers',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'plane', 'epoch', 'seq', 'digest', 'createTime', 'updateTime'],
      properties: {
        _id: { bsonType: 'string' },
        plane: { bsonType: 'string', minLength: 1 },
        epoch: { bsonType: 'long', minimum: 1 },
        seq: { bsonType: 'long', minimum: 1 },
        digest: { bsonType: 'binData' },
        // There may be records of the epoch that are no leaves of the log yet; absent otherwise.
        isUnlogged: { enum: [true] },
        createTime: { bsonType: 'date' },
        updateTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [
    { name: 'plane', key: { plane: 1, epoch: -1 } },
    {
      name: 'unlogged',
      key: { isUnlogged: 1, plane: 1, epoch: 1 },
      partialFilterExpression: { isUnlogged: true },
    },
  ],
};
