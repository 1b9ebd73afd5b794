import type { Issuer } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { renderFields } from '../../output/fields.ts';
import { shortName } from '../../output/names.ts';
import type { Column } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';
import { BINDINGS } from './spec.ts';

/** The columns in which issuers are shown. */
export const ISSUER_COLUMNS: readonly Column<Issuer>[] = [
  { title: 'NAME', cell: ({ name }) => shortName(name), whole: true },
  { title: 'ISSUER URL', cell: ({ spec }) => spec?.issuerUrl ?? '' },
  { title: 'GATEWAY AUDIENCES', cell: ({ spec }) => spec?.gatewayAudiences.join(', ') ?? '' },
  { title: 'CONTROL-PLANE AUDIENCES', cell: ({ spec }) => spec?.controlPlaneAudiences.join(', ') ?? '' },
  { title: 'GROUPS CLAIM', cell: ({ spec }) => spec?.groupsClaim || 'groups' },
];

/** One issuer for people. */
export function renderIssuer(issuer: Issuer): string {
  const { spec } = issuer;
  return renderFields([
    ['issuer', issuer.name],
    ['issuer URL', spec?.issuerUrl ?? ''],
    ['gateway audiences', spec?.gatewayAudiences.join(', ') ?? ''],
    ['control-plane audiences', spec?.controlPlaneAudiences.join(', ') ?? ''],
    ['groups claim', spec?.groupsClaim || 'groups'],
    [
      'group names',
      Object.entries(spec?.groupNames ?? {})
        .map(([id, name]) => `${id}=${name}`)
        .join(', '),
    ],
    ['service clients', spec?.serviceClients.join(', ') ?? ''],
    ['binding', bindingOf(issuer)],
    ['algorithms', spec?.algorithms.join(', ') || 'RS256, PS256, ES256, EdDSA'],
    ['created', formatTime(issuer.createTime)],
    ['updated', formatTime(issuer.updateTime)],
    ['etag', issuer.etag],
  ]);
}

function bindingOf({ spec }: Issuer): string {
  const [name = `unknown (${spec?.binding})`] =
    Object.entries(BINDINGS).find(([, binding]) => binding === (spec?.binding ?? BINDINGS.none)) ?? [];
  return name;
}
