import type { CollectionSchema } from './collection.ts';

/** The one document that every change bumps in its own transaction; replicas watch it. */
export const headsSchema: CollectionSchema = {
  name: 'heads',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'epoch', 'revision', 'reviseTime', 'change'],
      properties: {
        _id: { enum: ['head'] },
        epoch: { bsonType: 'string', minLength: 1 },
        revision: { bsonType: 'long' },
        reviseTime: { bsonType: 'date' },
        change: { bsonType: 'long' },
      },
    },
  },
  indexes: [],
};
