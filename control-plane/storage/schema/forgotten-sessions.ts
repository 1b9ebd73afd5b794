import type { CollectionSchema } from './collection.ts';

/** Sessions of which content was erased, so that planes forget what tokens stand for there; `_id` is `sessions/{id}`. */
export const forgottenSessionsSchema: CollectionSchema = {
  name: 'forgottenSessions',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'revision'],
      properties: {
        _id: { bsonType: 'string', pattern: '^sessions/' },
        revision: { bsonType: 'long' },
      },
    },
  },
  indexes: [{ name: 'revision', key: { revision: -1 } }],
};
