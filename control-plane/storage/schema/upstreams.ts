import type { CollectionSchema } from './collection.ts';

/** Providers with their sealed secrets; `_id` is `upstreams/{id}`. */
export const upstreamsSchema: CollectionSchema = {
  name: 'upstreams',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'baseUrl', 'etag', 'createTime', 'updateTime'],
      properties: {
        _id: { bsonType: 'string', pattern: '^upstreams/[a-z0-9][a-z0-9-]{0,62}$' },
        mac: { bsonType: 'binData' },
        baseUrl: { bsonType: 'string', pattern: '^https?://' },
        spec: { bsonType: 'object' },
        sealedCredential: { bsonType: 'binData' },
        sealedClientKey: { bsonType: 'binData' },
        sealedProxyCredential: { bsonType: 'binData' },
        sealedSecretHeaders: { bsonType: 'binData' },
        secretHeaders: { bsonType: 'array', items: { bsonType: 'string' } },
        credentialTime: { bsonType: 'date' },
        etag: { bsonType: 'string', minLength: 1 },
        createTime: { bsonType: 'date' },
        updateTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [],
};
