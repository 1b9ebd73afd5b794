import type { CollectionSchema } from './collection.ts';

/** Join tokens by the SHA-256 of the token, in hex: who reads the store cannot join. MongoDB removes expired ones. */
export const joinTokensSchema: CollectionSchema = {
  name: 'joinTokens',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'displayName', 'createTime', 'expireTime'],
      properties: {
        _id: { bsonType: 'string', pattern: '^[0-9a-f]{64}$' },
        mac: { bsonType: 'binData' },
        displayName: { bsonType: 'string', minLength: 1 },
        createTime: { bsonType: 'date' },
        expireTime: { bsonType: 'date' },
        plane: { bsonType: 'string' },
      },
    },
  },
  indexes: [{ name: 'expire_time', key: { expireTime: 1 }, expireAfterSeconds: 0 }],
};
