import type { CollectionSchema } from './collection.ts';

/**
 * The public parts of the evidence keys; `_id` is `evidenceKeys/{id}`. The one with the highest ordinal is in force. Private
 * parts are never here.
 */
export const evidenceKeysSchema: CollectionSchema = {
  name: 'evidenceKeys',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'ordinal', 'publicKey', 'createTime'],
      additionalProperties: false,
      properties: {
        _id: { bsonType: 'string', pattern: '^evidenceKeys/[A-Za-z0-9_-]{43}$' },
        ordinal: { bsonType: 'int', minimum: 1 },
        publicKey: { bsonType: 'binData' },
        createTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [{ name: 'ordinal', key: { ordinal: -1 }, unique: true }],
};
