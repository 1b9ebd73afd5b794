import type { CollectionSchema } from './collection.ts';

/**
 * Legal holds; `_id` is `holds/{id}`. What a scope does not say is empty or absent; `callerKey` is `caller` in lower case.
 * A hold holds as long as it has no `releaseTime`.
 */
export const holdsSchema: CollectionSchema = {
  name: 'holds',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'session', 'exchange', 'caller', 'callerKey', 'reason', 'createdBy', 'createTime'],
      properties: {
        _id: { bsonType: 'string', pattern: '^holds/[a-z0-9-]{1,64}$' },
        mac: { bsonType: 'binData' },
        session: { bsonType: 'string' },
        exchange: { bsonType: 'string' },
        caller: { bsonType: 'string' },
        callerKey: { bsonType: 'string' },
        since: { bsonType: 'date' },
        until: { bsonType: 'date' },
        reason: { bsonType: 'string', minLength: 1 },
        createdBy: { bsonType: 'binData' },
        createTime: { bsonType: 'date' },
        releasedBy: { bsonType: 'binData' },
        releaseTime: { bsonType: 'date' },
        releaseReason: { bsonType: 'string' },
      },
    },
  },
  indexes: [{ name: 'create', key: { createTime: -1, _id: -1 } }],
};
