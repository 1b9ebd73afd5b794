import type { CollectionSchema } from './collection.ts';

/** Which OIDC groups have which role; `_id` is `roleBindings/{id}`. */
export const roleBindingsSchema: CollectionSchema = {
  name: 'roleBindings',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'group', 'role', 'etag', 'createTime'],
      properties: {
        _id: { bsonType: 'string', pattern: '^roleBindings/[a-z0-9][a-z0-9-]{0,62}$' },
        mac: { bsonType: 'binData' },
        group: { bsonType: 'string', minLength: 1 },
        role: { enum: ['ADMIN', 'REVIEWER', 'AUDITOR'] },
        etag: { bsonType: 'string', minLength: 1 },
        createTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [{ name: 'group_role', key: { group: 1, role: 1 }, unique: true }],
};
