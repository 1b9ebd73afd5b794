import type { CollectionSchema } from './collection.ts';

/** Sessions, summed up from their exchanges. `_id` is `sessions/{id}`. */
export const sessionsSchema: CollectionSchema = {
  name: 'sessions',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: [
        '_id',
        'exchangeCount',
        'refusedCount',
        'models',
        'startTime',
        'startExchange',
        'updateTime',
      ],
      properties: {
        _id: { bsonType: 'string', pattern: '^sessions/' },
        caller: { bsonType: 'binData' },
        subject: { bsonType: 'string' },
        email: { bsonType: 'string' },
        exchangeCount: { bsonType: 'int' },
        refusedCount: { bsonType: 'int' },
        models: { bsonType: 'array', items: { bsonType: 'string' } },
        startTime: { bsonType: 'date' },
        startExchange: { bsonType: 'string' },
        updateTime: { bsonType: 'date' },
        traces: { bsonType: 'array', items: { bsonType: 'string' } },
        sources: { bsonType: 'array', items: { bsonType: 'int' } },
      },
    },
  },
  indexes: [
    { name: 'start', key: { startTime: -1, _id: -1 } },
    { name: 'subject_start', key: { subject: 1, startTime: -1, _id: -1 } },
    { name: 'email_start', key: { email: 1, startTime: -1, _id: -1 } },
  ],
};
