import type { Upstream } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { renderFields } from '../../output/fields.ts';
import { shortName } from '../../output/names.ts';
import type { Column } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';

/** The columns in which upstreams are shown. */
export const UPSTREAM_COLUMNS: readonly Column<Upstream>[] = [
  { title: 'NAME', cell: ({ name }) => shortName(name), whole: true },
  { title: 'BASE URL', cell: ({ spec }) => spec?.baseUrl ?? '' },
  { title: 'CREDENTIAL', cell: credentialText },
  { title: 'UPDATED', cell: ({ updateTime }) => formatTime(updateTime) },
];

/** One upstream for people. */
export function renderUpstream(upstream: Upstream): string {
  return renderFields([
    ['upstream', upstream.name],
    ['base URL', upstream.spec?.baseUrl ?? ''],
    ['credential', credentialText(upstream)],
    ['created', formatTime(upstream.createTime)],
    ['updated', formatTime(upstream.updateTime)],
    ['etag', upstream.etag],
  ]);
}

function credentialText({ credentialTime }: Upstream): string {
  return credentialTime === undefined ? 'none' : `written ${formatTime(credentialTime)}`;
}
