import type { CollectionSchema } from './collection.ts';

/**
 * Every checkpoint that was published. `_id` is the tree's size, so that no two of one size can be. Cosignatures of
 * witnesses are lines of a signed note.
 */
export const checkpointsSchema: CollectionSchema = {
  name: 'checkpoints',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'root', 'note', 'cosignatures', 'time'],
      properties: {
        _id: { bsonType: 'long', minimum: 0 },
        root: { bsonType: 'binData' },
        note: { bsonType: 'string', minLength: 1 },
        cosignatures: { bsonType: 'array', items: { bsonType: 'string', minLength: 1 } },
        time: { bsonType: 'date' },
      },
    },
  },
  indexes: [],
};
