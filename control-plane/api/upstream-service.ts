import { create } from '@bufbuild/protobuf';
import type { ServiceImpl } from '@connectrpc/connect';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { UpstreamSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import type { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import type { Context } from '../context.ts';
import { findUpstream, listUpstreams } from '../storage/configuration/upstreams.ts';
import { createUpstream, removeUpstream, updateUpstream } from '../upstream/upstream.ts';
import { fail } from './fail.ts';
import { getPerson } from './identity.ts';
import { readPage } from './paging.ts';
import { nameOf, takePage } from './take-page.ts';

const UPSTREAMS = 'upstreams';

/** UpstreamService: providers and their secrets, which come in here and never go out again. */
export function createUpstreamService(context: Context): ServiceImpl<typeof UpstreamService> {
  return {
    async listUpstreams(request) {
      const page = readPage(request, UPSTREAMS);
      const { items, nextPageToken } = takePage(
        await listUpstreams(context.database, page),
        page.limit,
        UPSTREAMS,
        nameOf,
      );
      return { upstreams: items, nextPageToken };
    },

    async getUpstream({ name }) {
      const found = await findUpstream(context.database, name);
      if (found === undefined) throw fail(Reason.NOT_FOUND, `there is no ${name}`, { name });
      return { upstream: found.upstream };
    },

    async createUpstream({ upstreamId, upstream = create(UpstreamSchema), ...secrets }, call) {
      const { caller } = getPerson(call);
      return { upstream: await createUpstream(context, caller, upstreamId, upstream, secrets) };
    },

    async updateUpstream({ upstream = create(UpstreamSchema), updateMask, ...secrets }, call) {
      const { caller } = getPerson(call);
      return { upstream: await updateUpstream(context, caller, upstream, updateMask, secrets) };
    },

    async deleteUpstream({ name, etag }, call) {
      await removeUpstream(context, getPerson(call).caller, name, etag);
      return {};
    },
  };
}
