import type { CollectionSchema } from './collection.ts';

/** What each policy has said, change by change; `_id` is `policies/{id}/revisions/{number}`. Never changed, never removed. */
export const policyRevisionsSchema: CollectionSchema = {
  name: 'policyRevisions',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'policy', 'number', 'reason', 'createTime'],
      properties: {
        _id: { bsonType: 'string', pattern: '^policies/[a-z0-9][a-z0-9-]{0,62}/revisions/[1-9][0-9]*$' },
        mac: { bsonType: 'binData' },
        policy: { bsonType: 'string' },
        number: { bsonType: 'long' },
        spec: { bsonType: 'object' },
        author: { bsonType: 'binData' },
        reason: { bsonType: 'string' },
        createTime: { bsonType: 'date' },
        approvedBy: { bsonType: 'binData' },
        proposal: { bsonType: 'string' },
      },
    },
  },
  indexes: [{ name: 'policy_number', key: { policy: 1, number: -1 }, unique: true }],
};
