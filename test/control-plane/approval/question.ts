import { create } from '@bufbuild/protobuf';
import {
  type RequestApprovalRequest,
  RequestApprovalRequestSchema,
} from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { type Policy, PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { insertPolicy, replacePolicy } from '../../../control-plane/storage/configuration/policies.ts';
import { createSealer, strangerKey } from '../../env/seal.ts';
import { person } from '../audit/call.ts';
import type { Store } from '../audit/store.ts';
import { newName, sha256 } from '../audit/writer.ts';

export const POLICY = 'policies/research';
export const EXPIRES_MS = 600_000;

export const alice = person('alice', ['researchers', 'sworn-reviewers']);
export const rita = person('rita', ['sworn-reviewers']);
export const rob = person('rob', ['sworn-reviewers', 'privacy']);
export const stranger = person('stranger', ['others']);

function policyOf(description: string): Policy {
  return create(PolicySchema, {
    name: POLICY,
    etag: 'e1',
    createTime: { seconds: 1n },
    updateTime: { seconds: 1n },
    spec: {
      description,
      groups: ['*'],
      rules: [
        {
          name: 'ask',
          action: {
            case: 'requireApproval',
            value: {
              reviewers: ['sworn-reviewers'],
              expires: { seconds: BigInt(EXPIRES_MS / 1000) },
              message: 'Look for more than one patient.',
            },
          },
        },
        {
          name: 'ask-two',
          action: {
            case: 'requireApproval',
            value: {
              reviewers: ['sworn-reviewers'],
              expires: { seconds: BigInt(EXPIRES_MS / 1000) },
              quorum: 2,
              reasonRequired: true,
              serviceReviewers: ['review-bot'],
              window: { seconds: 3_600n },
            },
          },
        },
        { name: 'allow', action: { case: 'allow', value: {} } },
      ],
    },
  });
}

/** Stores the policy whose rule `ask` asks sworn-reviewers. */
export function insertTestPolicy(store: Store): Promise<void> {
  return store.database.transaction((session) => insertPolicy(store.database, policyOf('first'), session));
}

/** Changes what that policy says. */
export function changeTestPolicy(store: Store, description: string): Promise<void> {
  return store.database.transaction((session) =>
    replacePolicy(store.database, policyOf(description), session),
  );
}

const sealer = await createSealer(strangerKey());
const SEALED = sealer.seal(
  { plane: 'planes/any', exchange: 'exchanges/any', kind: 'question' },
  { case: 'question', value: { texts: [{ place: 'input', text: 'nobody opens this' }] } },
).payload;

/** A question that a reviewer can read, as the plane seals it. */
export function readableQuestion(
  store: Store,
  text: string,
  plane: string,
): Pick<RequestApprovalRequest, 'exchange' | 'sealedQuestion'> {
  const exchange = newName('exchanges');
  const { payload } = store.sealer.seal(
    { plane, exchange, kind: 'question' },
    { case: 'question', value: { texts: [{ place: 'input', text }] } },
  );
  return { exchange, sealedQuestion: payload };
}

/** A plane's question; each text is another request. */
export function question(text: string, fields: Partial<RequestApprovalRequest> = {}): RequestApprovalRequest {
  return {
    ...create(RequestApprovalRequestSchema, {
      caller: alice,
      exchange: newName('exchanges'),
      session: newName('sessions'),
      route: 'responses.create',
      model: 'gpt-5',
      requestDigest: sha256(Buffer.from(text)),
      policyRevision: 7n,
      policy: POLICY,
      rule: 'ask',
      findings: { MRN: 3 },
      sealedQuestion: SEALED,
    }),
    ...fields,
  };
}
