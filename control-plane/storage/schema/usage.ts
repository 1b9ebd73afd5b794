import type { CollectionSchema } from './collection.ts';

/** What limits have counted; a document for each slot of each counter, gone some time after it counts. `_id` is of both. */
export const usageSchema: CollectionSchema = {
  name: 'usage',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: [
        '_id',
        'key',
        'policy',
        'limit',
        'per',
        'issuer',
        'subject',
        'unit',
        'everySeconds',
        'slot',
        'amount',
        'changeTime',
        'countsUntil',
        'expireTime',
      ],
      properties: {
        _id: { bsonType: 'string' },
        key: { bsonType: 'string' },
        policy: { bsonType: 'string', pattern: '^policies/' },
        limit: { bsonType: 'string' },
        per: { bsonType: 'int' },
        issuer: { bsonType: 'string' },
        subject: { bsonType: 'string' },
        unit: { bsonType: 'int' },
        everySeconds: { bsonType: 'int' },
        slot: { bsonType: 'long' },
        amount: { bsonType: 'long', minimum: 1 },
        changeTime: { bsonType: 'date' },
        countsUntil: { bsonType: 'date' },
        expireTime: { bsonType: 'date' },
      },
    },
  },
  indexes: [
    { name: 'change_time', key: { changeTime: 1, _id: 1 } },
    { name: 'key', key: { key: 1 } },
    { name: 'counts_until', key: { countsUntil: 1 } },
    { name: 'expire_time', key: { expireTime: 1 }, expireAfterSeconds: 0 },
  ],
};

/** The last report of each plane; `_id` is `planes/{id}`. */
export const usageReportsSchema: CollectionSchema = {
  name: 'usageReports',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'epoch', 'seq'],
      properties: {
        _id: { bsonType: 'string', pattern: '^planes/' },
        epoch: { bsonType: 'string' },
        seq: { bsonType: 'long' },
      },
    },
  },
  indexes: [],
};
