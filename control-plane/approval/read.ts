import type { Approval, PromptText } from '#proto/sworn/approval/v1/approval_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { fail } from '../api/fail.ts';
import type { Person } from '../api/identity.ts';
import { recordAction } from '../audit/actions.ts';
import { unseal } from '../audit/unseal.ts';
import type { Context } from '../context.ts';
import {
  type ApprovalDocument,
  type Audience,
  findApproval,
  findSealedQuestion,
} from '../storage/approval/approvals.ts';
import { checkQuestion } from './question.ts';
import { viewApproval } from './view.ts';

/** Which approvals a person may see: auditors all, others those addressed to their groups. */
export function audienceOf(person: Person): Audience {
  return person.roles.has(Role.AUDITOR) ? 'all' : { groups: person.caller.groups };
}

/**
 * An approval with its prompt. That it is read is recorded before the prompt is opened.
 * @throws ConnectError NOT_FOUND (also for one that is addressed to others), EVIDENCE_KEY_UNAVAILABLE, CONTENT_ALTERED
 */
export async function readApproval(context: Context, person: Person, name: string): Promise<Approval> {
  const { database } = context;
  const document = await findApproval(database, name);
  if (document === undefined || !isAddressed(document, audienceOf(person))) {
    throw fail(Reason.NOT_FOUND, `${name} does not exist, or not for you`, { name });
  }
  await recordAction(context, undefined, {
    caller: person.caller,
    action: 'approval.read',
    resource: name,
  });
  return { ...viewApproval(document, context.now()), prompt: await readQuestion(context, document) };
}

async function readQuestion(context: Context, document: ApprovalDocument): Promise<PromptText[]> {
  const { _id: resource, plane, exchange } = document;
  if (document.eraseTime !== undefined) return [];
  const sealed = await findSealedQuestion(context.database, resource);
  // It may have been erased since the approval was read.
  const isErased = async () => (await findApproval(context.database, resource))?.eraseTime !== undefined;
  if (sealed === undefined && (await isErased())) return [];
  const question = await checkQuestion(context, document, sealed);
  const { content } = await unseal(context, question, { plane, exchange, kind: 'question', resource });
  return content.case === 'question' ? content.value.texts : [];
}

function isAddressed(document: ApprovalDocument, audience: Audience): boolean {
  if (audience === 'all') return true;
  return 'groups' in audience && document.reviewers.some((group) => audience.groups.includes(group));
}
