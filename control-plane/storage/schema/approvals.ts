import type { CollectionSchema } from './collection.ts';

/**
 * Approvals; `_id` is `approvals/{id}`. `openKey` stands for the binding (caller, request digest, policy, rule and
 * what the policy said); it is there only while the approval is PENDING or APPROVED, and its unique index keeps one
 * question from being asked twice at the same time. `question` is what the reviewer
 * reads, as its plane sealed it; it is gone from `eraseTime` on.
 */
export const approvalsSchema: CollectionSchema = {
  name: 'approvals',
  validator: {
    $jsonSchema: {
      bsonType: 'object',
      required: [
        '_id',
        'state',
        'caller',
        'subject',
        'plane',
        'planes',
        'waiting',
        'exchange',
        'session',
        'requestDigest',
        'policyDigest',
        'reviewers',
        'createTime',
        'expireTime',
        'updateTime',
      ],
      properties: {
        _id: { bsonType: 'string', pattern: '^approvals/[a-z0-9-]{1,64}$' },
        state: { enum: ['PENDING', 'APPROVED', 'DENIED', 'EXPIRED', 'WITHDRAWN', 'CONSUMED'] },
        openKey: { bsonType: 'string' },
        caller: { bsonType: 'binData' },
        subject: { bsonType: 'string' },
        plane: { bsonType: 'string' },
        planes: { bsonType: 'array', items: { bsonType: 'string' } },
        waiting: { bsonType: 'array', items: { bsonType: 'string' } },
        exchange: { bsonType: 'string' },
        session: { bsonType: 'string' },
        route: { bsonType: 'string' },
        model: { bsonType: 'string' },
        requestDigest: { bsonType: 'binData' },
        policyRevision: { bsonType: 'long' },
        policy: { bsonType: 'string' },
        rule: { bsonType: 'string' },
        policyDigest: { bsonType: 'binData' },
        message: { bsonType: 'string' },
        reviewers: { bsonType: 'array', minItems: 1, items: { bsonType: 'string' } },
        findings: { bsonType: 'array' },
        question: { bsonType: 'binData' },
        eraseTime: { bsonType: 'date' },
        createTime: { bsonType: 'date' },
        expireTime: { bsonType: 'date' },
        updateTime: { bsonType: 'date' },
        remindTime: { bsonType: 'date' },
        decidedBy: { bsonType: 'binData' },
        decideTime: { bsonType: 'date' },
        reason: { bsonType: 'string' },
        quorum: { bsonType: 'int' },
        reasonRequired: { bsonType: 'bool' },
        serviceReviewers: { bsonType: 'array', items: { bsonType: 'string' } },
        windowSeconds: { bsonType: 'int' },
        votes: { bsonType: 'array', items: { bsonType: 'object', required: ['reviewer', 'time', 'reason'] } },
        consumedBy: {
          bsonType: 'object',
          required: ['plane', 'exchange'],
          properties: { plane: { bsonType: 'string' }, exchange: { bsonType: 'string' } },
        },
      },
    },
  },
  indexes: [
    {
      name: 'open',
      key: { openKey: 1 },
      unique: true,
      partialFilterExpression: { openKey: { $exists: true } },
    },
    { name: 'create', key: { createTime: -1, _id: -1 } },
    { name: 'reviewers_create', key: { reviewers: 1, createTime: -1, _id: -1 } },
    { name: 'planes_state', key: { planes: 1, state: 1 } },
    { name: 'planes_update', key: { planes: 1, updateTime: 1 } },
    { name: 'reviewers_update', key: { reviewers: 1, updateTime: 1 } },
    { name: 'state_expire', key: { state: 1, expireTime: 1 } },
    { name: 'exchange', key: { exchange: 1 } },
    {
      name: 'remind',
      key: { remindTime: 1 },
      partialFilterExpression: { remindTime: { $exists: true } },
    },
  ],
};
