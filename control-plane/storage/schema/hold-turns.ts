import type { CollectionSchema } from './collection.ts';

/**
 * One document, `_id` is `turn`: written by every transaction that places a hold, and by every one that erases. So two of
 * them cannot both commit without one having seen the other.
 */
export const holdTurnsSchema: CollectionSchema = {
  name: 'holdTurns',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'turn'],
      properties: { _id: { enum: ['turn'] }, turn: { bsonType: 'long', minimum: 1 } },
    },
  },
  indexes: [],
};
