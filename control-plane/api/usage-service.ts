import type { ServiceImpl } from '@connectrpc/connect';
import type { UsageService } from '#proto/sworn/usage/v1/usage_service_pb.ts';
import { requireKnown } from '../audit/known.ts';
import type { Context } from '../context.ts';
import { listUsage } from '../usage/list.ts';
import { readPage } from './paging.ts';
import { takePage } from './take-page.ts';

/** UsageService: how far the limits of policies are used. */
export function createUsageService(context: Context): ServiceImpl<typeof UsageService> {
  return {
    async listUsage(request) {
      const scope = JSON.stringify(['usage', request.policy]);
      const page = readPage(request, scope);
      const found = await listUsage(context, request.policy, page);
      if (found.length === 0 && page.after === undefined) await requireKnown(context.database, request);
      const { items, nextPageToken } = takePage(found, page.limit, scope, ({ key }) => key);
      return { usage: items.map(({ usage }) => usage), nextPageToken };
    },
  };
}
