import type { CollectionSchema } from './collection.ts';

/** The control planes that run, and which master keys each has; `_id` names the process. Those that are gone go after an hour. */
export const replicasSchema: CollectionSchema = {
  name: 'replicas',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'host', 'masterKeys', 'current', 'seenTime'],
      properties: {
        _id: { bsonType: 'string' },
        host: { bsonType: 'string' },
        masterKeys: { bsonType: 'array', items: { bsonType: 'string' } },
        current: { bsonType: 'string' },
        seenTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [{ name: 'seen', key: { seenTime: 1 }, expireAfterSeconds: 3_600 }],
};
