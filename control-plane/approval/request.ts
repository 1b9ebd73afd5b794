import { toBinary } from '@bufbuild/protobuf';
import { durationMs } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import type { Approval } from '#proto/sworn/approval/v1/approval_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { type Caller, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { RequestApprovalRequest } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import type { RequireApproval } from '#proto/sworn/policy/v1/policy_pb.ts';
import { fail } from '../api/fail.ts';
import { recordAction } from '../audit/actions.ts';
import { checkSealed } from '../audit/sealed.ts';
import type { Context } from '../context.ts';
import { notify } from '../notification/notify.ts';
import {
  type ApprovalDocument,
  findOpenApproval,
  insertApproval,
  joinApproval,
} from '../storage/approval/approvals.ts';
import { findPolicy } from '../storage/configuration/policies.ts';
import { type ClientSession, isDuplicateKey } from '../storage/database.ts';
import { findErased } from '../storage/record/exchanges.ts';
import { ifAltered } from '../storage/sealing/altered.ts';
import { bindingKey, digestPolicy } from './binding.ts';
import { digestQuestion, markQuestion } from './question.ts';
import { remindTimeOf } from './remind.ts';
import { findRule } from './rule.ts';
import { actionOf, doTransition, happeningOf } from './transition.ts';
import { viewApproval } from './view.ts';

const DEFAULT_EXPIRES_MS = 30 * 60_000;
const MAX_EXPIRES_MS = 7 * 24 * 3_600_000;
/** Leaves room in the record of each step, which is at most 64 KiB. */
const MAX_CALLER_BYTES = 32 * 1024;
const MAX_FINDINGS = 200;
const MAX_ENTITY_LENGTH = 100;
/** Two identical requests at once: the second finds the first one's approval when it looks again. */
const ATTEMPTS = 3;

type Question = RequestApprovalRequest & { readonly caller: Caller };

/**
 * Asks the reviewers whom the policy's rule names, or finds the approval of an identical request: same caller (issuer
 * and subject), same request digest, same policy and rule, and that policy unchanged since, whichever plane asks. Found
 * are PENDING ones and APPROVED ones that are not yet used or expired; any other does not stand in the way of a new one.
 *
 * @returns the approval without its prompt
 * @throws ConnectError NOT_FOUND (the policy has no such rule that asks for approval, any more), INVALID_ARGUMENT,
 *   CONTENT_ERASED
 */
export async function requestApproval(
  context: Context,
  plane: string,
  request: RequestApprovalRequest,
): Promise<Approval> {
  const question = checkQuestion(request);
  for (let attempt = 1; ; attempt++) {
    try {
      const document = await context.database.transaction((session) =>
        findOrInsert(context, session, plane, question),
      );
      return viewApproval(document, context.now());
    } catch (error) {
      if (!isDuplicateKey(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function findOrInsert(
  context: Context,
  session: ClientSession,
  plane: string,
  question: Question,
): Promise<ApprovalDocument> {
  const { database } = context;
  const policy = await findPolicy(database, question.policy, session);
  const rule = findRule(policy, question.rule);
  if (policy?.spec === undefined || rule === undefined) {
    const metadata = { policy: question.policy, rule: question.rule };
    throw fail(Reason.NOT_FOUND, 'the policy has no such rule that requires approval', metadata);
  }
  const policyDigest = digestPolicy(policy.spec);
  const openKey = bindingKey({ ...question, policyDigest });
  // One that was altered makes room for the new one.
  const open = await ifAltered(findOpenApproval(database, session, openKey), () => undefined);
  if (open !== undefined && open.expireTime > context.now()) {
    const isKnown = open.planes.includes(plane) && open.waiting.includes(plane);
    if (!isKnown) await joinApproval(database, session, open._id, plane);
    return open;
  }
  if (open !== undefined) await doTransition(context, session, open, { to: 'EXPIRED', caller: undefined });

  const { exchange } = question;
  if ((await findErased(database, session, [exchange])).length > 0) {
    throw fail(Reason.CONTENT_ERASED, `${exchange} was erased`, { exchange });
  }
  const asked = newDocument(plane, question, rule, { openKey, policyDigest }, context.now());
  const document = { ...asked, questionMark: markQuestion(context, asked, question.sealedQuestion) };
  await insertApproval(database, session, document, question.sealedQuestion);
  const questionSha256 = digestQuestion(question.sealedQuestion);
  const action = actionOf(document, 'approval.request', question.caller);
  await recordAction(context, session, { ...action, questionSha256 });
  await notify(context, session, happeningOf(document, 'approval.request'));
  return document;
}

function newDocument(
  plane: string,
  question: Question,
  rule: RequireApproval,
  binding: { readonly openKey: string; readonly policyDigest: Uint8Array },
  now: Date,
): ApprovalDocument {
  const { caller, exchange, session, route, model, requestDigest, policyRevision, policy } = question;
  return {
    _id: `approvals/${uuidv7()}`,
    state: 'PENDING',
    ...binding,
    caller: toBinary(CallerSchema, caller),
    subject: caller.subject,
    plane,
    planes: [plane],
    waiting: [plane],
    exchange,
    session,
    route,
    model,
    requestDigest,
    policyRevision,
    policy,
    rule: question.rule,
    message: rule.message,
    reviewers: rule.reviewers,
    findings: Object.entries(question.findings).map(([entity, count]) => ({ entity, count })),
    quorum: Math.max(1, rule.quorum),
    votes: [],
    reasonRequired: rule.reasonRequired,
    serviceReviewers: rule.serviceReviewers,
    windowSeconds: Number(rule.window?.seconds ?? 0n),
    createTime: now,
    expireTime: new Date(now.getTime() + expiresMs(rule)),
    remindTime: remindTimeOf(now, expiresMs(rule)),
    updateTime: now,
  };
}

function expiresMs(rule: RequireApproval): number {
  if (rule.expires === undefined) return DEFAULT_EXPIRES_MS;
  return Math.min(Math.max(durationMs(rule.expires), 0), MAX_EXPIRES_MS);
}

/** What protovalidate does not see: sizes of what ends up in records and documents, and that nothing comes unsealed. */
function checkQuestion(request: RequestApprovalRequest): Question {
  const { caller } = request;
  if (caller === undefined || caller.issuer === '' || caller.subject === '') {
    throw fail(Reason.INVALID_ARGUMENT, 'caller needs an issuer and a subject', { caller: 'is required' });
  }
  if (toBinary(CallerSchema, caller).length > MAX_CALLER_BYTES) {
    throw fail(Reason.INVALID_ARGUMENT, 'caller is longer than 32 KiB', { caller: 'is too long' });
  }
  const entities = Object.keys(request.findings);
  const isTooMuch =
    entities.length > MAX_FINDINGS || entities.some((name) => name.length > MAX_ENTITY_LENGTH);
  if (isTooMuch) {
    throw fail(Reason.INVALID_ARGUMENT, 'findings name too many entities', { findings: 'too many' });
  }
  const fault = checkSealed(request.sealedQuestion, undefined);
  if (fault !== undefined) {
    throw fail(Reason.INVALID_ARGUMENT, `sealed_question: ${fault}`, { sealed_question: fault });
  }
  return { ...request, caller };
}
