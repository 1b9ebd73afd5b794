import { createHash } from 'node:crypto';
import { isEqual } from '../../program/equal.ts';
import { altered } from '../audit/unseal.ts';
import type { Context } from '../context.ts';
import { raiseLogAlarm } from '../log/alarm.ts';
import type { ApprovalDocument } from '../storage/approval/approvals.ts';
import { SealError } from '../storage/sealing/seal.ts';

/** What reviewers are shown beside the question, and goes by in their judgement. It never changes. */
type Shown = Pick<
  ApprovalDocument,
  '_id' | 'caller' | 'plane' | 'exchange' | 'route' | 'model' | 'policy' | 'rule' | 'message' | 'findings'
>;

/** SHA-256 of a sealed question. */
export function digestQuestion(sealedQuestion: Uint8Array): Uint8Array {
  return createHash('sha256').update(sealedQuestion).digest();
}

/**
 * A mark of the question and what is shown beside it. Who writes to the store has the public evidence key and could seal another
 * question; this they cannot make, as it takes the control plane's own key.
 */
export function markQuestion({ seal }: Context, shown: Shown, sealedQuestion: Uint8Array): Uint8Array {
  return seal.seal(digestShown(shown, sealedQuestion), questionContext(shown._id));
}

/**
 * The question, if it is what the plane asked. Where that is not so, it is an alarm.
 * @param sealedQuestion undefined where it is gone
 * @throws ConnectError CONTENT_ALTERED
 */
export async function checkQuestion(
  context: Context,
  document: ApprovalDocument,
  sealedQuestion: Uint8Array | undefined,
): Promise<Uint8Array> {
  const { _id: resource } = document;
  if (sealedQuestion !== undefined && isMarked(context, document, sealedQuestion)) return sealedQuestion;
  const detail = 'what reviewers would be shown is not what was asked: the store was changed';
  await raiseLogAlarm(context, { action: 'alarm.question_altered', resource, detail });
  throw altered(resource, 'it is another question');
}

function isMarked({ seal }: Context, document: ApprovalDocument, sealedQuestion: Uint8Array): boolean {
  const { _id: name, questionMark } = document;
  if (questionMark === undefined) return false;
  try {
    const stated = seal.open(questionMark, questionContext(name));
    return isEqual(stated, digestShown(document, sealedQuestion));
  } catch (error) {
    if (error instanceof SealError) return false;
    throw error;
  }
}

function digestShown(shown: Shown, sealedQuestion: Uint8Array): Uint8Array {
  const { caller, plane, exchange, route, model, policy, rule, message, findings } = shown;
  const counts = findings.map(({ entity, count }) => [entity, Number(count)]);
  const texts = [plane, exchange, route, model, policy, rule, message];
  return createHash('sha256')
    .update(digestQuestion(sealedQuestion))
    .update(createHash('sha256').update(caller).digest())
    .update(JSON.stringify([texts, counts]), 'utf8')
    .digest();
}

/** What the mark of a question is sealed as. */
export function questionContext(name: string): string {
  return `${name} question`;
}
