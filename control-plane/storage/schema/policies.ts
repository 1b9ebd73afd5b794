import type { CollectionSchema } from './collection.ts';

/** Policies; `_id` is `policies/{id}`, `spec` is the PolicySpec as proto JSON. */
export const policiesSchema: CollectionSchema = {
  name: 'policies',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'spec', 'etag', 'createTime', 'updateTime'],
      properties: {
        revision: { bsonType: 'long' },
        _id: { bsonType: 'string', pattern: '^policies/[a-z0-9][a-z0-9-]{0,62}$' },
        mac: { bsonType: 'binData' },
        spec: {
          bsonType: 'object',
          required: ['groups'],
          properties: {
            groups: { bsonType: 'array', minItems: 1, items: { bsonType: 'string' } },
            // None where a policy has parameters alone.
            rules: { bsonType: 'array', items: { bsonType: 'object', required: ['name'] } },
          },
        },
        etag: { bsonType: 'string', minLength: 1 },
        createTime: { bsonType: 'date' },
        updateTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [],
};
