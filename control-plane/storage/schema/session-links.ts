import type { CollectionSchema } from './collection.ts';

/** Ties that are not used for so long lead nowhere any more: 90 days. */
const TIE_SECONDS = 7_776_000;

/**
 * Which session something leads to. `_id` is the digest of a tie in hexadecimal, or the name of a session that was joined to
 * another one; of those `time` is absent, and they stay.
 */
export const sessionLinksSchema: CollectionSchema = {
  name: 'sessionLinks',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'session'],
      properties: {
        _id: { bsonType: 'string', pattern: '^(sessions/|[0-9a-f]{32}$)' },
        session: { bsonType: 'string', pattern: '^sessions/' },
        exchange: { bsonType: 'string' },
        waiting: { bsonType: 'array', items: { bsonType: 'string' } },
        traces: { bsonType: 'array', items: { bsonType: 'string' } },
        time: { bsonType: 'date' },
      },
    },
  },
  indexes: [
    { name: 'session', key: { session: 1 } },
    { name: 'time', key: { time: 1 }, expireAfterSeconds: TIE_SECONDS },
  ],
};
