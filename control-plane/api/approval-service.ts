import type { ServiceImpl } from '@connectrpc/connect';
import { State } from '#proto/sworn/approval/v1/approval_pb.ts';
import type { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { decideApproval } from '../approval/decide.ts';
import { audienceOf, readApproval } from '../approval/read.ts';
import { viewApproval } from '../approval/view.ts';
import { watchForReviewer } from '../approval/watch.ts';
import type { Context } from '../context.ts';
import { type ApprovalState, listApprovals } from '../storage/approvals.ts';
import { getPerson } from './identity.ts';
import { pageToken, readPage } from './paging.ts';
import { formatPosition, parsePosition } from './position.ts';

/** Both ways between the API's states and the stored ones. */
const STATES = (Object.keys(State) as (keyof typeof State)[]).filter((name) => name !== 'UNSPECIFIED');

/** ApprovalService: the reviewers' side. Who may call what is decided before, in access.ts. */
export function createApprovalService(context: Context): ServiceImpl<typeof ApprovalService> {
  const { database } = context;
  return {
    async listApprovals(request, call) {
      const audience = audienceOf(getPerson(call));
      const states: ApprovalState[] = STATES.filter((name) => request.states.includes(State[name]));
      const scope = `ListApprovals ${states.join()}`;
      const { limit, after } = readPage(request, scope);
      const found = await listApprovals(database, audience, states, parsePosition(after), limit + 1);
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      const position = last && formatPosition({ timeMs: last.createTime.getTime(), id: last._id });
      const now = context.now();
      return {
        approvals: page.map((document) => viewApproval(document, now)),
        nextPageToken: pageToken(scope, position),
      };
    },

    async getApproval(request, call) {
      return { approval: await readApproval(context, getPerson(call), request.name) };
    },

    async *watchApprovals(_request, call) {
      for await (const approval of watchForReviewer(context, getPerson(call), call.signal)) {
        yield approval === undefined ? {} : { approval };
      }
    },

    async approveApproval({ name, reason }, call) {
      const reviewer = getPerson(call).caller;
      return { approval: await decideApproval(context, reviewer, name, { state: 'APPROVED', reason }) };
    },

    async denyApproval({ name, reason }, call) {
      const reviewer = getPerson(call).caller;
      return { approval: await decideApproval(context, reviewer, name, { state: 'DENIED', reason }) };
    },
  };
}
