import type { CollectionSchema } from './collection.ts';

/** Trusted OpenID providers; `_id` is `issuers/{id}`. A token finds its issuer by the exact `iss`. */
export const issuersSchema: CollectionSchema = {
  name: 'issuers',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: [
        '_id',
        'issuerUrl',
        'gatewayAudiences',
        'controlPlaneAudiences',
        'groupsClaim',
        'algorithms',
        'etag',
      ],
      properties: {
        _id: { bsonType: 'string', pattern: '^issuers/[a-z0-9][a-z0-9-]{0,62}$' },
        mac: { bsonType: 'binData' },
        issuerUrl: { bsonType: 'string', pattern: '^https?://' },
        gatewayAudiences: { bsonType: 'array', items: { bsonType: 'string' } },
        controlPlaneAudiences: { bsonType: 'array', items: { bsonType: 'string' } },
        groupsClaim: { bsonType: 'string' },
        algorithms: { bsonType: 'array', items: { bsonType: 'string' } },
        groupNames: { bsonType: 'array', items: { bsonType: 'object', required: ['id', 'name'] } },
        serviceClients: { bsonType: 'array', items: { bsonType: 'string' } },
        binding: { enum: ['DPOP', 'MTLS', 'ANY'] },
        etag: { bsonType: 'string', minLength: 1 },
        createTime: { bsonType: 'date' },
        updateTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [{ name: 'issuer_url', key: { issuerUrl: 1 }, unique: true }],
};
