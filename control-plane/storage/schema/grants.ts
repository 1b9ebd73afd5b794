import type { CollectionSchema } from './collection.ts';

/** Callers who go on without waiting where a rule asks for approval; `_id` is `grants/{id}`. MongoDB removes those that ended. */
export const grantsSchema: CollectionSchema = {
  name: 'grants',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: [
        '_id',
        'caller',
        'policy',
        'rule',
        'policyDigest',
        'reviewers',
        'approval',
        'createdBy',
        'createTime',
        'expireTime',
      ],
      properties: {
        _id: { bsonType: 'string', pattern: '^grants/[a-z0-9-]{1,64}$' },
        mac: { bsonType: 'binData' },
        caller: { bsonType: 'binData' },
        policy: { bsonType: 'string' },
        rule: { bsonType: 'string' },
        policyDigest: { bsonType: 'binData' },
        reviewers: { bsonType: 'array', items: { bsonType: 'string' } },
        approval: { bsonType: 'string' },
        createdBy: { bsonType: 'binData' },
        createTime: { bsonType: 'date' },
        expireTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [
    { name: 'create', key: { createTime: -1, _id: -1 } },
    { name: 'expire_time', key: { expireTime: 1 }, expireAfterSeconds: 3_600 },
  ],
};
