import type { CollectionSchema } from './collection.ts';

/** Keys that all replicas sign with; the private part is sealed. `_id` is the key's use. */
export const signingKeysSchema: CollectionSchema = {
  name: 'signingKeys',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'publicKey', 'sealedPrivateKey', 'createTime'],
      properties: {
        _id: { enum: ['snapshot', 'receipt'] },
        publicKey: { bsonType: 'binData' },
        sealedPrivateKey: { bsonType: 'binData' },
        createTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [],
};
