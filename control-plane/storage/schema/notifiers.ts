import type { CollectionSchema } from './collection.ts';

/** Channels that people and programs are told by, with their sealed secrets; `_id` is `notifiers/{id}`. */
export const notifiersSchema: CollectionSchema = {
  name: 'notifiers',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'kind', 'place', 'to', 'events', 'groups', 'etag', 'createTime', 'updateTime'],
      properties: {
        _id: { bsonType: 'string', pattern: '^notifiers/[a-z0-9][a-z0-9-]{0,62}$' },
        mac: { bsonType: 'binData' },
        kind: { enum: ['webhook', 'slack', 'email'] },
        place: { bsonType: 'string' },
        to: { bsonType: 'array', items: { bsonType: 'string' } },
        events: { bsonType: 'array', items: { bsonType: 'string' } },
        groups: { bsonType: 'array', items: { bsonType: 'string' } },
        sealedSecret: { bsonType: 'binData' },
        secretTime: { bsonType: 'date' },
        etag: { bsonType: 'string', minLength: 1 },
        createTime: { bsonType: 'date' },
        updateTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [],
};
