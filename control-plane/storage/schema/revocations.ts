import type { CollectionSchema } from './collection.ts';

/**
 * Who is refused before their token ends; `_id` is `revocations/{id}`. What a target does not name is empty; `emailKey` is the
 * e-mail in lower case. Those past their `expireTime` go when the next one is made.
 */
export const revocationsSchema: CollectionSchema = {
  name: 'revocations',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: [
        '_id',
        'issuer',
        'subject',
        'email',
        'emailKey',
        'client',
        'tokenId',
        'session',
        'reason',
        'createdBy',
        'createTime',
      ],
      properties: {
        _id: { bsonType: 'string', pattern: '^revocations/[a-z0-9-]{1,64}$' },
        mac: { bsonType: 'binData' },
        issuer: { bsonType: 'string' },
        subject: { bsonType: 'string' },
        email: { bsonType: 'string' },
        emailKey: { bsonType: 'string' },
        client: { bsonType: 'string' },
        tokenId: { bsonType: 'string' },
        session: { bsonType: 'string' },
        reason: { bsonType: 'string', minLength: 1 },
        createdBy: { bsonType: 'binData' },
        createTime: { bsonType: 'date' },
        expireTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [{ name: 'create', key: { createTime: -1, _id: -1 } }],
};
