import type { CollectionSchema } from './collection.ts';

/** The log's name, its public key and its tree as far as it has grown. One document, `_id` is `log`. */
export const logSchema: CollectionSchema = {
  name: 'log',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'origin', 'publicKey', 'size', 'root', 'createTime', 'updateTime'],
      properties: {
        _id: { enum: ['log'] },
        origin: { bsonType: 'string', minLength: 1 },
        publicKey: { bsonType: 'binData' },
        size: { bsonType: 'long', minimum: 0 },
        root: { bsonType: 'binData' },
        mac: { bsonType: 'binData' },
        createTime: { bsonType: 'date' },
        updateTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [],
};
