import type { CollectionSchema } from './collection.ts';

const MEMBER = {
  bsonType: 'object',
  required: ['id', 'mac'],
  properties: { id: { bsonType: 'string' }, mac: { bsonType: 'binData' } },
};

/**
 * What has to be in other collections; `_id` is the name of one or, as `reviews.0f`, a page of what has to be there. Each has a MAC, and is written with every change there.
 */
export const rostersSchema: CollectionSchema = {
  name: 'rosters',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'number', 'members', 'mac'],
      properties: {
        _id: { bsonType: 'string' },
        number: { bsonType: 'long', minimum: 1 },
        members: { bsonType: 'array', items: MEMBER },
        pages: { bsonType: 'array', items: MEMBER },
        mac: { bsonType: 'binData' },
      },
    },
  },
  indexes: [],
};
