import type { CollectionSchema } from './collection.ts';

/**
 * Tokens whose first use here is recorded, by the SHA-256 of the token, in hex: who reads the store cannot use them. MongoDB
 * removes those that have long expired.
 */
export const loginsSchema: CollectionSchema = {
  name: 'logins',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'createTime', 'expireTime'],
      properties: {
        _id: { bsonType: 'string', pattern: '^[0-9a-f]{64}$' },
        createTime: { bsonType: 'date' },
        expireTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [{ name: 'expire_time', key: { expireTime: 1 }, expireAfterSeconds: 0 }],
};
