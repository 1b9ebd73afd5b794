import type { CollectionSchema } from './collection.ts';

/**
 * What is to be told, was told and was given up; `_id` is `notifications/{id}`. `claim` is of the attempt that runs.
 * MongoDB removes them some time after they are done, by `expireTime`.
 */
export const notificationsSchema: CollectionSchema = {
  name: 'notifications',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: [
        '_id',
        'notifier',
        'recipient',
        'event',
        'resource',
        'facts',
        'state',
        'attempts',
        'createTime',
        'nextAttemptTime',
      ],
      properties: {
        _id: { bsonType: 'string', pattern: '^notifications/[a-z0-9-]{1,64}$' },
        notifier: { bsonType: 'string' },
        recipient: { bsonType: 'string' },
        event: { bsonType: 'string' },
        resource: { bsonType: 'string' },
        facts: { bsonType: 'object' },
        state: { enum: ['PENDING', 'DELIVERED', 'DEAD'] },
        attempts: { bsonType: 'int', minimum: 0 },
        sendTime: { bsonType: 'date' },
        toldBy: { bsonType: 'string' },
        gathered: { bsonType: 'int', minimum: 1 },
        claim: { bsonType: 'string' },
        lastError: { bsonType: 'string' },
        createTime: { bsonType: 'date' },
        nextAttemptTime: { bsonType: 'date' },
        doneTime: { bsonType: 'date' },
        expireTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [
    {
      name: 'due',
      key: { nextAttemptTime: 1 },
      partialFilterExpression: { state: 'PENDING' },
    },
    { name: 'create', key: { createTime: -1, _id: -1 } },
    { name: 'state_create', key: { state: 1, createTime: -1, _id: -1 } },
    { name: 'notifier_state', key: { notifier: 1, state: 1 } },
    { name: 'told_by', key: { toldBy: 1 }, partialFilterExpression: { toldBy: { $exists: true } } },
    { name: 'expire_time', key: { expireTime: 1 }, expireAfterSeconds: 0 },
  ],
};
