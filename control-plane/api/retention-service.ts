import type { ServiceImpl } from '@connectrpc/connect';
import type { RetentionService } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import type { Context } from '../context.ts';
import { eraseExchanges } from '../retention/erase-exchanges.ts';
import { endHold, placeHold } from '../retention/hold.ts';
import { viewHold } from '../retention/view-hold.ts';
import { listHolds } from '../storage/record/holds.ts';
import { getPerson } from './identity.ts';
import { readPage } from './paging.ts';
import { createdAt, parsePosition } from './position.ts';
import { takePage } from './take-page.ts';

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
      const { items, nextPageToken } = takePage(found, limit, scope, createdAt);
      return { holds: items.map(viewHold), nextPageToken };
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
