import type { CollectionSchema } from './collection.ts';

/** The key that all planes mask with, sealed. `_id` is the key's use. */
export const maskingKeysSchema: CollectionSchema = {
  name: 'maskingKeys',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'sealedKey', 'createTime'],
      properties: {
        _id: { enum: ['planes'] },
        sealedKey: { bsonType: 'binData' },
        createTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [],
};
