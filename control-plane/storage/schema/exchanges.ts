import type { CollectionSchema } from './collection.ts';

/**
 * Exchanges as their records tell them; can be made anew from the records. `_id` is `exchanges/{id}`, `view` the
 * serialised sworn.audit.v1.Exchange without content; the other fields repeat it, for queries.
 */
export const exchangesSchema: CollectionSchema = {
  name: 'exchanges',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'session', 'plane', 'startTime', 'status', 'view', 'sources'],
      properties: {
        _id: { bsonType: 'string', pattern: '^exchanges/[a-z0-9-]{1,64}$' },
        session: { bsonType: 'string' },
        sessions: { bsonType: 'array', items: { bsonType: 'string' } },
        joined: {
          bsonType: 'object',
          required: ['source', 'certainty'],
          properties: { source: { bsonType: 'int' }, certainty: { bsonType: 'int' } },
        },
        isInferred: { bsonType: 'bool' },
        traces: { bsonType: 'array', items: { bsonType: 'string' } },
        plane: { bsonType: 'string', minLength: 1 },
        subject: { bsonType: 'string' },
        email: { bsonType: 'string' },
        route: { bsonType: 'string' },
        model: { bsonType: 'string' },
        policy: { bsonType: 'string' },
        entities: { bsonType: 'array', items: { bsonType: 'string' } },
        differs: { bsonType: 'bool' },
        breakGlass: { bsonType: 'bool' },
        status: { bsonType: 'int' },
        startTime: { bsonType: 'date' },
        endTime: { bsonType: 'date' },
        view: { bsonType: 'binData' },
        sources: { bsonType: 'object' },
        // When its retention is over; absent when there is nothing to erase any more.
        expireTime: { bsonType: 'date' },
        // Not made from the exchange's own records: of the last `exchange.erase`.
        erasure: {
          bsonType: 'object',
          required: ['authority', 'scope', 'reason', 'time'],
          properties: {
            authority: { bsonType: 'string' },
            scope: { bsonType: 'string' },
            reason: { bsonType: 'string' },
            time: { bsonType: 'date' },
          },
        },
      },
    },
  },
  indexes: [
    { name: 'start', key: { startTime: -1, _id: -1 } },
    { name: 'session_start', key: { session: 1, startTime: -1, _id: -1 } },
    { name: 'sessions_start', key: { sessions: 1, startTime: -1, _id: -1 } },
    { name: 'traces_start', key: { traces: 1, startTime: -1, _id: -1 } },
    {
      name: 'inferred_session',
      key: { session: 1, isInferred: 1 },
      partialFilterExpression: { isInferred: true },
    },
    { name: 'subject_start', key: { subject: 1, startTime: -1, _id: -1 } },
    { name: 'email_start', key: { email: 1, startTime: -1, _id: -1 } },
    { name: 'policy_start', key: { policy: 1, startTime: -1, _id: -1 } },
    { name: 'entities_start', key: { entities: 1, startTime: -1, _id: -1 } },
    { name: 'status_start', key: { status: 1, startTime: -1, _id: -1 } },
    {
      name: 'differs_start',
      key: { differs: 1, startTime: -1, _id: -1 },
      partialFilterExpression: { differs: true },
    },
    {
      name: 'break_glass_start',
      key: { breakGlass: 1, startTime: -1, _id: -1 },
      partialFilterExpression: { breakGlass: true },
    },
    {
      name: 'expire',
      key: { expireTime: 1, _id: 1 },
      partialFilterExpression: { expireTime: { $exists: true } },
    },
    {
      name: 'erase',
      key: { 'erasure.time': 1, _id: 1 },
      partialFilterExpression: { 'erasure.time': { $exists: true } },
    },
  ],
};
