import type { CollectionSchema } from './collection.ts';

/**
 * Enrolled data planes; `_id` is `planes/{id}`. A key enrols once: the unique index keeps a revoked plane
 * from coming back with the key that was revoked.
 */
export const planesSchema: CollectionSchema = {
  name: 'planes',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'displayName', 'publicKey', 'createTime'],
      properties: {
        _id: { bsonType: 'string', pattern: '^planes/[a-z0-9-]{1,64}$' },
        mac: { bsonType: 'binData' },
        displayName: { bsonType: 'string', minLength: 1 },
        publicKey: { bsonType: 'binData' },
        createTime: { bsonType: 'date' },
        seenTime: { bsonType: 'date' },
        revokeTime: { bsonType: 'date' },
        report: {
          bsonType: 'object',
          required: ['epoch', 'appliedRevision', 'applyError', 'spoolDepth', 'version'],
          properties: {
            epoch: { bsonType: 'string' },
            appliedRevision: { bsonType: 'long' },
            applyError: { bsonType: 'string' },
            detectorError: { bsonType: 'string' },
            spoolDepth: { bsonType: 'long' },
            version: { bsonType: 'string' },
            region: { bsonType: 'string' },
            upstreams: { bsonType: 'array', items: { bsonType: 'binData' } },
          },
        },
      },
    },
  },
  indexes: [{ name: 'public_key', key: { publicKey: 1 }, unique: true }],
};
