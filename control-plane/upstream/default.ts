import { timestampMs } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import type { Upstream } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import type { Context } from '../context.ts';
import { listAllUpstreams, replaceUpstream } from '../storage/configuration/upstreams.ts';
import type { ClientSession } from '../storage/database.ts';

/**
 * The one that gets what no policy sends elsewhere: which says so or, in a store from before there was a choice, the
 * oldest. A new one never takes that over by itself.
 */
export function findDefault<U extends Upstream>(upstreams: readonly U[]): U | undefined {
  return upstreams.find(({ spec }) => spec?.isDefault) ?? [...upstreams].sort(byAge)[0];
}

/** Takes being the default from all others than `name`, as the transaction of that one sees them. */
export async function takeDefault(context: Context, name: string, session: ClientSession): Promise<void> {
  for (const { upstream, sealed } of await listAllUpstreams(context.database, session)) {
    const { spec } = upstream;
    if (upstream.name === name || spec === undefined || !spec.isDefault) continue;
    const changed = { ...upstream, spec: { ...spec, isDefault: false }, etag: uuidv7() };
    await replaceUpstream(context.database, { upstream: changed, sealed }, session);
  }
}

function byAge(left: Upstream, right: Upstream): number {
  const age = ({ createTime }: Upstream) => (createTime === undefined ? 0 : timestampMs(createTime));
  return age(left) - age(right) || (left.name < right.name ? -1 : 1);
}
