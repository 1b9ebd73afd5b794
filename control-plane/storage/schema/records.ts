import type { CollectionSchema } from './collection.ts';

/**
 * Records: append-only, the bytes exactly as their writer wrote them. The other fields repeat what the bytes say, for
 * queries. `_id` is a UUIDv7 given on receipt, so that its order is the order of receipt.
 */
export const recordsSchema: CollectionSchema = {
  name: 'records',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: [
        '_id',
        'plane',
        'epoch',
        'seq',
        'digest',
        'bytes',
        'kind',
        'exchange',
        'session',
        'time',
        'receiveTime',
      ],
      properties: {
        _id: { bsonType: 'string' },
        plane: { bsonType: 'string', minLength: 1 },
        epoch: { bsonType: 'long', minimum: 1 },
        seq: { bsonType: 'long', minimum: 1 },
        digest: { bsonType: 'binData' },
        bytes: { bsonType: 'binData' },
        kind: { bsonType: 'int', minimum: 1 },
        exchange: { bsonType: 'string' },
        session: { bsonType: 'string' },
        action: { bsonType: 'string' },
        resource: { bsonType: 'string' },
        time: { bsonType: 'date' },
        receiveTime: { bsonType: 'date' },
        mac: { bsonType: 'binData' },
        payload: {
          bsonType: 'object',
          required: ['sha256', 'sizeBytes', 'chunks'],
          properties: {
            sha256: { bsonType: 'binData' },
            sizeBytes: { bsonType: 'int', minimum: 1 },
            chunks: { bsonType: 'int', minimum: 1 },
          },
        },
      },
    },
  },
  indexes: [
    { name: 'plane_epoch_seq', key: { plane: 1, epoch: 1, seq: 1 }, unique: true },
    { name: 'exchange', key: { exchange: 1, _id: 1 } },
    { name: 'session', key: { session: 1, _id: 1 } },
    {
      name: 'resource',
      key: { resource: 1, _id: 1 },
      partialFilterExpression: { action: { $exists: true } },
    },
    { name: 'action', key: { action: 1, _id: 1 }, partialFilterExpression: { action: { $exists: true } } },
  ],
};
