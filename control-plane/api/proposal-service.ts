import { create } from '@bufbuild/protobuf';
import type { ServiceImpl } from '@connectrpc/connect';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { ChangeSchema, type Proposal, ProposalState as State } from '#proto/sworn/proposal/v1/proposal_pb.ts';
import type { ProposalService } from '#proto/sworn/proposal/v1/proposal_service_pb.ts';
import type { Context } from '../context.ts';
import { viewProposal } from '../proposal/content.ts';
import { approveProposal, rejectProposal, withdrawProposal } from '../proposal/decide.ts';
import { createProposal } from '../proposal/propose.ts';
import {
  findProposal,
  listProposals,
  type ProposalDocument,
  type ProposalState,
} from '../storage/approval/proposals.ts';
import { fail, reasonOf } from './fail.ts';
import { getPerson } from './identity.ts';
import { readPage } from './paging.ts';
import { createdAt, parsePosition } from './position.ts';
import { takePage } from './take-page.ts';

/** One that somebody changed in the store must not hide the others; asked for by name, it says so. */
function viewSound(context: Context, document: ProposalDocument): Proposal[] {
  try {
    return [viewProposal(context, document)];
  } catch (error) {
    if (reasonOf(error) !== Reason.CONTENT_ALTERED) throw error;
    context.logger.error(
      { event: 'proposal_altered', resource: document._id },
      'ALARM: a proposal was changed',
    );
    return [];
  }
}

const STATES: readonly ProposalState[] = ['PENDING', 'APPLIED', 'REJECTED', 'WITHDRAWN', 'EXPIRED'];

/** ProposalService: changes of the configuration that two admins make. Who may call what stands in access.ts. */
export function createProposalService(context: Context): ServiceImpl<typeof ProposalService> {
  const { database } = context;
  return {
    async createProposal({ change = create(ChangeSchema), reason }, call) {
      if (!context.settings.fourEyes) {
        throw fail(Reason.INVALID_ARGUMENT, 'this deployment has no four eyes: make the change itself');
      }
      const { caller } = getPerson(call);
      const proposal = await createProposal(context, { caller, reason }, change);
      return proposal === undefined ? {} : { proposal };
    },

    async listProposals(request) {
      const states = STATES.filter((state) => request.states.includes(State[state]));
      const scope = `ListProposals ${states.join()}`;
      const { limit, after } = readPage(request, scope);
      const found = await listProposals(database, states, parsePosition(after), limit + 1);
      const { items, nextPageToken } = takePage(found, limit, scope, createdAt);
      return {
        proposals: items.flatMap((document) => viewSound(context, document)),
        nextPageToken,
      };
    },

    async getProposal({ name }) {
      const document = await findProposal(database, name);
      if (document === undefined) throw fail(Reason.NOT_FOUND, `${name} does not exist`, { name });
      return { proposal: viewProposal(context, document) };
    },

    async approveProposal({ name, reason }, call) {
      return { proposal: await approveProposal(context, { caller: getPerson(call).caller, reason }, name) };
    },

    async rejectProposal({ name, reason }, call) {
      return { proposal: await rejectProposal(context, { caller: getPerson(call).caller, reason }, name) };
    },

    async withdrawProposal({ name, reason }, call) {
      return { proposal: await withdrawProposal(context, { caller: getPerson(call).caller, reason }, name) };
    },
  };
}
