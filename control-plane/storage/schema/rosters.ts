import type { CollectionSchema } from './collection.ts';

/** What has to be in other collections; `_id` is the name of one. Each has a MAC, and is written with every change there. */
export const rostersSchema: CollectionSchema = {
  name: 'rosters',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'number', 'members', 'mac'],
      properties: {
        _id: { bsonType: 'string' },
        number: { bsonType: 'long', minimum: 1 },
        members: {
          bsonType: 'array',
          items: {
            bsonType: 'object',
            required: ['id', 'mac'],
            properties: { id: { bsonType: 'string' }, mac: { bsonType: 'binData' } },
          },
        },
        mac: { bsonType: 'binData' },
      },
    },
  },
  indexes: [],
};
