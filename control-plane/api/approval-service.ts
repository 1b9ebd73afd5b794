import { durationMs } from '@bufbuild/protobuf/wkt';
import type { ServiceImpl } from '@connectrpc/connect';
import { State } from '#proto/sworn/approval/v1/approval_pb.ts';
import type { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { decideApproval } from '../approval/decide.ts';
import { revokeGrant, viewGrant } from '../approval/grant.ts';
import { audienceOf, readApproval } from '../approval/read.ts';
import { viewApproval } from '../approval/view.ts';
import { watchForReviewer } from '../approval/watch.ts';
import type { Context } from '../context.ts';
import { type ApprovalState, listApprovals } from '../storage/approval/approvals.ts';
import { listGrants } from '../storage/configuration/grants.ts';
import { getPerson } from './identity.ts';
import { readPage } from './paging.ts';
import { createdAt, parsePosition } from './position.ts';
import { takePage } from './take-page.ts';

const GRANTS = 'ListGrants';
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
      const { items, nextPageToken } = takePage(found, limit, scope, createdAt);
      const now = context.now();
      return { approvals: items.map((document) => viewApproval(document, now)), nextPageToken };
    },

    async getApproval(request, call) {
      return { approval: await readApproval(context, getPerson(call), request.name) };
    },

    async *watchApprovals(_request, call) {
      for await (const approval of watchForReviewer(context, getPerson(call), call.signal)) {
        yield approval === undefined ? {} : { approval };
      }
    },

    async approveApproval({ name, reason, window }, call) {
      const reviewer = getPerson(call).caller;
      const windowMs = window && durationMs(window);
      const verdict = { state: 'APPROVED', reason, ...(windowMs !== undefined && { windowMs }) } as const;
      return { approval: await decideApproval(context, reviewer, name, verdict) };
    },

    async denyApproval({ name, reason }, call) {
      const reviewer = getPerson(call).caller;
      return { approval: await decideApproval(context, reviewer, name, { state: 'DENIED', reason }) };
    },

    async listGrants(request, call) {
      const { caller, roles } = getPerson(call);
      const groups = roles.has(Role.ADMIN) || roles.has(Role.AUDITOR) ? undefined : caller.groups;
      const { limit, after } = readPage(request, GRANTS);
      const found = await listGrants(database, groups, context.now(), parsePosition(after), limit + 1);
      const { items, nextPageToken } = takePage(found, limit, GRANTS, createdAt);
      return { grants: items.map(viewGrant), nextPageToken };
    },

    async revokeGrant({ name }, call) {
      await revokeGrant(context, getPerson(call), name);
      return {};
    },
  };
}
