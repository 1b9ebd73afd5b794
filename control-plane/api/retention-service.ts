import type { ServiceImpl } from '@connectrpc/connect';
import type { RetentionService } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import type { Context } from '../context.ts';
import { eraseExchanges } from '../retention/erase-exchanges.ts';
import { endHold, placeHold } from '../retention/hold.ts';
import { viewHold } from '../retention/view-hold.ts';
import { listHolds } from '../storage/holds.ts';
import { getPerson } from './identity.ts';
import { pageToken, readPage } from './paging.ts';
import { formatPosition, parsePosition } from './position.ts';

/** RetentionService: what is kept, and what is destroyed. Who may call what is decided before, in access.ts. */
export function createRetentionService(context: Context): ServiceImpl<typeof RetentionService> {
  return {
    async createHold({ scope, reason }, call) {
      return { hold: await placeHold(context, getPerson(call).caller, scope, reason) };
    },

    async listHolds(request) {
      const scope = `ListHolds ${request.showReleased}`;
      const { limit, after } = readPage(request, scope);
      const position = parsePosition(after);
      const found = await listHolds(context.database, request.showReleased, position, limit + 1);
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      const next = last && formatPosition({ timeMs: last.createTime.getTime(), id: last._id });
      return { holds: page.map(viewHold), nextPageToken: pageToken(scope, next) };
    },

    async releaseHold({ name, reason }, call) {
      return { hold: await endHold(context, getPerson(call).caller, name, reason) };
    },

    async *eraseExchanges(request, call) {
      const signal = AbortSignal.any([call.signal, context.shutdown]);
      yield* eraseExchanges(context, getPerson(call).caller, request, signal);
    },
  };
}
