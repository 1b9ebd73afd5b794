import type { CollectionSchema } from './collection.ts';

/**
 * Which master keys there are, and what each is for; `_id` is `ring`. The keys themselves are never here. Absent while there is but
 * the first one. It has a MAC of the key in force.
 */
export const masterKeysSchema: CollectionSchema = {
  name: 'masterKeys',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'generation', 'keys', 'mac'],
      additionalProperties: false,
      properties: {
        _id: { enum: ['ring'] },
        generation: { bsonType: 'long', minimum: 0 },
        keys: {
          bsonType: 'array',
          minItems: 1,
          items: {
            bsonType: 'object',
            required: ['id', 'state'],
            additionalProperties: false,
            properties: {
              id: { bsonType: 'string', pattern: '^[0-9a-f]{16}$' },
              state: { enum: ['NEW', 'CURRENT', 'OLD', 'RETIRED'] },
              createTime: { bsonType: 'date' },
              useTime: { bsonType: 'date' },
              retireTime: { bsonType: 'date' },
            },
          },
        },
        mac: { bsonType: 'binData' },
      },
    },
  },
  indexes: [],
};
