import type { CollectionSchema } from './collection.ts';

/**
 * Changes that a second admin has to approve; `_id` is `proposals/{id}`. What they say is in `content`, sealed, so that nobody who
 * writes here can change it.
 */
export const proposalsSchema: CollectionSchema = {
  name: 'proposals',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'state', 'content', 'createTime', 'expireTime'],
      properties: {
        _id: { bsonType: 'string', pattern: '^proposals/[a-z0-9-]{1,64}$' },
        state: { enum: ['PENDING', 'APPLIED', 'REJECTED', 'WITHDRAWN', 'EXPIRED'] },
        content: { bsonType: 'binData' },
        createTime: { bsonType: 'date' },
        expireTime: { bsonType: 'date' },
        decidedBy: { bsonType: 'binData' },
        decideTime: { bsonType: 'date' },
        decisionReason: { bsonType: 'string' },
      },
    },
  },
  indexes: [
    { name: 'create', key: { createTime: -1, _id: -1 } },
    { name: 'state_expire', key: { state: 1, expireTime: 1 } },
  ],
};
