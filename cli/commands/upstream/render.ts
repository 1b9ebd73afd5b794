import { type Duration, durationMs } from '@bufbuild/protobuf/wkt';
import type { Price, Upstream } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { renderFields } from '../../output/fields.ts';
import { shortName } from '../../output/names.ts';
import type { Column } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';
import { AUTHENTICATIONS } from './spec.ts';

/** The columns in which upstreams are shown. */
export const UPSTREAM_COLUMNS: readonly Column<Upstream>[] = [
  { title: 'NAME', cell: ({ name }) => shortName(name), whole: true },
  { title: 'DEFAULT', cell: ({ spec }) => (spec?.isDefault ? 'yes' : '') },
  { title: 'BASE URL', cell: ({ spec }) => spec?.baseUrl ?? '' },
  { title: 'AUTHENTICATION', cell: authenticationText },
  { title: 'MODELS', cell: ({ spec }) => spec?.models.join(', ') || 'all', spare: true },
  { title: 'REGIONS', cell: ({ spec }) => spec?.regions.join(', ') || 'all', spare: true },
  { title: 'CREDENTIAL', cell: credentialText, spare: true },
];

/** One upstream for people. */
export function renderUpstream(upstream: Upstream): string {
  const { spec } = upstream;
  return renderFields([
    ['upstream', upstream.name],
    ['default', spec?.isDefault ? 'yes' : 'no'],
    ['base URL', spec?.baseUrl ?? ''],
    ['plaintext', spec?.allowPlaintext ? 'allowed: nothing is encrypted where the base URL is http' : ''],
    ['authentication', authenticationText(upstream)],
    ['credential', credentialText(upstream)],
    ['tokens from', spec?.oauth?.tokenUrl ?? ''],
    ['client id', spec?.oauth?.clientId ?? ''],
    ['scope', spec?.oauth?.scope ?? ''],
    ['organization', spec?.organization ?? ''],
    ['project', spec?.project ?? ''],
    ['headers', spec?.headers.map(({ name, value }) => `${name}: ${value}`).join(', ') ?? ''],
    ['secret headers', upstream.secretHeaders.join(', ')],
    ['roots', spec?.caCertificates ? `${certificates(spec.caCertificates)} of its own` : ''],
    ['client cert', spec?.clientCertificate ? certificates(spec.clientCertificate) : ''],
    ['proxy', proxyText(upstream)],
    ['timeouts', timeoutsText(upstream)],
    ['at once', limitsText(upstream)],
    ['HTTP/2', spec?.http2 ? 'yes' : ''],
    ['models', spec?.models.join(', ') || 'all'],
    ['names there', spec?.modelNames.map(({ model, sentAs }) => `${model} is ${sentAs}`).join(', ') ?? ''],
    ['regions', spec?.regions.join(', ') || 'all'],
    ['prices', spec?.prices.map(priceText).join('\n') ?? ''],
    ['created', formatTime(upstream.createTime)],
    ['updated', formatTime(upstream.updateTime)],
    ['etag', upstream.etag],
  ]);
}

/** `gpt-*: 2.50 in, 1.25 cached, 10 out`, for a million tokens. */
function priceText({ model, input, cachedInput, output }: Price): string {
  return `${model}: ${input} in, ${cachedInput === '' ? '' : `${cachedInput} cached, `}${output} out`;
}

function authenticationText({ spec }: Upstream): string {
  const word = Object.entries(AUTHENTICATIONS).find(([, way]) => way === spec?.authentication)?.[0];
  return word ?? 'bearer';
}

function credentialText({ credentialTime }: Upstream): string {
  return credentialTime === undefined ? 'none' : `written ${formatTime(credentialTime)}`;
}

function certificates(pem: string): string {
  const count = pem.split('BEGIN CERTIFICATE').length - 1;
  return count === 1 ? '1 certificate' : `${count} certificates`;
}

function proxyText({ spec, hasProxyCredential }: Upstream): string {
  if (!spec?.proxyUrl) return '';
  return hasProxyCredential ? `${spec.proxyUrl} with user and password` : spec.proxyUrl;
}

function timeoutsText({ spec }: Upstream): string {
  const times: [string, Duration | undefined][] = [
    ['connect', spec?.connectTimeout],
    ['headers', spec?.headersTimeout],
    ['idle', spec?.idleTimeout],
    ['queue', spec?.queueTimeout],
  ];
  return times
    .flatMap(([name, time]) => (time === undefined ? [] : [`${name} ${durationMs(time) / 1_000}s`]))
    .join(', ');
}

function limitsText({ spec }: Upstream): string {
  const running = spec?.maxConcurrent ? `${spec.maxConcurrent} from one plane` : '';
  const queued = spec?.maxQueued === undefined ? '' : `${spec.maxQueued} waiting`;
  return [running, queued].filter((part) => part !== '').join(', ');
}
