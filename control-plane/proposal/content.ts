import { createHash } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { type ProposalStep, ProposalStepSchema } from '#proto/sworn/audit/v1/configuration_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { type Caller, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import {
  type Proposal,
  type ProposalContent,
  ProposalContentSchema,
  ProposalSchema,
  ProposalState,
  type ProposedChange,
} from '#proto/sworn/proposal/v1/proposal_pb.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';
import type { ProposalDocument, ProposalState as StateName } from '../storage/approval/proposals.ts';
import { SealError } from '../storage/sealing/seal.ts';

/** Resources that a record names: it has to stay short. */
const MAX_NAMED = 20;

/** What a proposal says, sealed for it alone. */
export function sealContent({ seal }: Context, name: string, content: ProposalContent): Uint8Array {
  return seal.seal(toBinary(ProposalContentSchema, content), proposalContext(name));
}

/** What a stored proposal says. @throws ConnectError CONTENT_ALTERED when somebody changed or moved it */
export function openContent(
  { seal }: Context,
  document: Pick<ProposalDocument, '_id' | 'content'>,
): ProposalContent {
  const { _id: resource } = document;
  try {
    return fromBinary(ProposalContentSchema, seal.open(document.content, proposalContext(resource)));
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw fail(Reason.CONTENT_ALTERED, `${resource} is not what was proposed: the store was changed`, {
      resource,
    });
  }
}

/** The state at this time: what is overdue has expired, whether or not it has been marked so yet. */
export function stateAt(
  { state }: Pick<ProposalDocument, 'state'>,
  content: ProposalContent,
  now: Date,
): StateName {
  const isOver = content.expireTime === undefined || timestampDate(content.expireTime) <= now;
  return state === 'PENDING' && isOver ? 'EXPIRED' : state;
}

/** A stored proposal as the API shows it. */
export function viewProposal(context: Context, document: ProposalDocument): Proposal {
  const content = openContent(context, document);
  const { author, reason, changes, createTime, expireTime } = content;
  const { decidedBy, decideTime, decisionReason = '' } = document;
  return create(ProposalSchema, {
    name: document._id,
    state: ProposalState[stateAt(document, content, context.now())],
    reason,
    changes,
    ...(author && { author }),
    ...(createTime && { createTime }),
    ...(expireTime && { expireTime }),
    ...(decidedBy && { decidedBy: fromBinary(CallerSchema, decidedBy) }),
    ...(decideTime && { decideTime: timestampFromDate(decideTime) }),
    decisionReason,
  });
}

/** What records say of a proposal. */
export function stepOf(
  name: string,
  { author, changes }: ProposalContent,
  reason: string,
  decidedBy?: Caller,
): ProposalStep {
  return create(ProposalStepSchema, {
    name,
    reason,
    ...(author && { author: withoutGroups(author) }),
    ...(decidedBy && { decidedBy: withoutGroups(decidedBy) }),
    resources: changes.slice(0, MAX_NAMED).map((change) => change.name),
    changesSha256: digestChanges(changes),
  });
}

/** Who it is; which groups they had stands in the record's own caller, or in the record of the step that they did. */
export function withoutGroups(caller: Caller): Caller {
  return create(CallerSchema, { ...caller, groups: [] });
}

/** SHA-256 over names and what they say before and after; each part stands with its length. */
function digestChanges(changes: readonly ProposedChange[]): Uint8Array<ArrayBuffer> {
  const hash = createHash('sha256');
  for (const { name, before, after } of changes) {
    for (const text of [name, before, after]) {
      const bytes = Buffer.from(text, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      hash.update(length).update(bytes);
    }
  }
  return Uint8Array.from(hash.digest());
}

/** What the content of a proposal is sealed as. */
export function proposalContext(name: string): string {
  return `${name} content`;
}
