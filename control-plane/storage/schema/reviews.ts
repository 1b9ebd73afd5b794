import type { CollectionSchema } from './collection.ts';

/**
 * What went on by break-glass and has to be reviewed, one for each exchange of a plane; `_id` is `reviews/{id}`. `alarmTime` is
 * when it was found to be overdue.
 */
export const reviewsSchema: CollectionSchema = {
  name: 'reviews',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: [
        '_id',
        'state',
        'caller',
        'plane',
        'exchange',
        'reviewers',
        'useTime',
        'createTime',
        'dueTime',
      ],
      properties: {
        _id: { bsonType: 'string', pattern: '^reviews/[a-z0-9-]{1,64}$' },
        mac: { bsonType: 'binData' },
        state: { enum: ['PENDING', 'COMPLETED'] },
        caller: { bsonType: 'binData' },
        plane: { bsonType: 'string' },
        exchange: { bsonType: 'string' },
        reviewers: { bsonType: 'array', items: { bsonType: 'string' } },
        serviceReviewers: { bsonType: 'array', items: { bsonType: 'string' } },
        useTime: { bsonType: 'date' },
        createTime: { bsonType: 'date' },
        dueTime: { bsonType: 'date' },
        alarmTime: { bsonType: 'date' },
        verdict: { enum: ['JUSTIFIED', 'UNJUSTIFIED'] },
        reason: { bsonType: 'string' },
        reasonKey: { bsonType: 'binData' },
        completedBy: { bsonType: 'binData' },
        completeTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [
    { name: 'plane_exchange', key: { plane: 1, exchange: 1 }, unique: true },
    { name: 'create', key: { createTime: -1, _id: -1 } },
    { name: 'reviewers_create', key: { reviewers: 1, createTime: -1, _id: -1 } },
    { name: 'state_due', key: { state: 1, dueTime: 1 } },
    // Those that raised their alarm stay pending, and there may be many.
    { name: 'state_alarm_due', key: { state: 1, alarmTime: 1, dueTime: 1 } },
  ],
};
