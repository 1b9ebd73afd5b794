import type { Duration } from '@bufbuild/protobuf/wkt';
import { readEndpoint } from '#core/endpoint/read.ts';
import { Authentication, type UpstreamSpec } from '#proto/sworn/upstream/v1/upstream_pb.ts';

/** What is wrong with a field, to be read after its name: `base_url`, "must be …". */
export interface SpecFault {
  readonly field: string;
  readonly fault: string;
}

/** Headers that Sworn writes itself, or that are of one connection alone (RFC 9110 section 7.6.1). */
const OWN_HEADERS =
  /^(?:authorization|api-key|cookie|host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|accept|accept-encoding|openai-organization|openai-project|(?:content|proxy|sec)-.*)$/;

const MIN_MS = 100;
const MINUTE_MS = 60_000;

/** What is wrong between the fields of a spec; the rules of the .proto are checked elsewhere. */
export function checkSpec(spec: UpstreamSpec): SpecFault[] {
  return [
    ...checkBaseUrl(spec),
    ...checkOAuth(spec),
    ...checkHeaders(spec),
    ...checkModelNames(spec),
    ...checkProxy(spec),
    ...checkTime('connect_timeout', spec.connectTimeout, 5 * MINUTE_MS),
    ...checkTime('headers_timeout', spec.headersTimeout, 60 * MINUTE_MS),
    ...checkTime('idle_timeout', spec.idleTimeout, 60 * MINUTE_MS),
    ...checkTime('queue_timeout', spec.queueTimeout, 5 * MINUTE_MS),
  ];
}

/** Whether planes take a token of an OAuth token endpoint for it. */
export function takesToken({ authentication }: UpstreamSpec): boolean {
  return (
    authentication === Authentication.CLIENT_SECRET || authentication === Authentication.WORKLOAD_IDENTITY
  );
}

/** Whether planes prove themselves to it with a secret of its own. */
export function takesCredential({ authentication }: UpstreamSpec): boolean {
  return authentication !== Authentication.WORKLOAD_IDENTITY && authentication !== Authentication.NONE;
}

/** The base URL without the slash at its end: `/responses` and so on are appended. Empty when it is none. */
export function readBaseUrl({ baseUrl, allowPlaintext }: UpstreamSpec): string {
  const endpoint = readEndpoint(baseUrl, { plaintext: allowPlaintext });
  return 'fault' in endpoint ? '' : endpoint.url.href.replace(/\/+$/, '');
}

function checkBaseUrl({ baseUrl, allowPlaintext }: UpstreamSpec): SpecFault[] {
  const endpoint = readEndpoint(baseUrl, { plaintext: allowPlaintext });
  if (!('fault' in endpoint)) return [];
  const isPlain = 'url' in readEndpoint(baseUrl, { plaintext: true });
  const how = isPlain ? ', and for others where that is allowed (allow_plaintext, --allow-plaintext)' : '';
  return [{ field: 'base_url', fault: endpoint.fault.replace(' only', '') + how }];
}

function checkOAuth(spec: UpstreamSpec): SpecFault[] {
  if (!takesToken(spec)) {
    return spec.oauth === undefined ? [] : [{ field: 'oauth', fault: 'is for authentication by a token' }];
  }
  if (spec.oauth === undefined)
    return [{ field: 'oauth', fault: 'must say where tokens come from, and whose' }];
  const endpoint = readEndpoint(spec.oauth.tokenUrl);
  return 'fault' in endpoint ? [{ field: 'oauth.token_url', fault: endpoint.fault }] : [];
}

function checkHeaders({ headers }: UpstreamSpec): SpecFault[] {
  const names = headers.map(({ name }) => name.toLowerCase());
  return names.flatMap((name, i) => {
    const field = `headers[${i}].name`;
    if (OWN_HEADERS.test(name))
      return [{ field, fault: `must not be ${name}, which is not for fixed headers` }];
    return names.indexOf(name) === i ? [] : [{ field, fault: `must not be ${name} once more` }];
  });
}

/** What is wrong with the names of secret headers, beside those of a spec. */
export function checkSecretHeaders({ headers }: UpstreamSpec, names: readonly string[]): string | undefined {
  const taken = new Set(headers.map(({ name }) => name.toLowerCase()));
  for (const name of names.map((each) => each.toLowerCase())) {
    if (OWN_HEADERS.test(name)) return `must not be ${name}, which is not for fixed headers`;
    if (taken.has(name)) return `must not be ${name} once more`;
    taken.add(name);
  }
  return undefined;
}

function checkModelNames({ modelNames }: UpstreamSpec): SpecFault[] {
  const names = modelNames.map(({ model }) => model);
  return names.flatMap((name, i) =>
    names.indexOf(name) === i
      ? []
      : [{ field: `model_names[${i}].model`, fault: `must not be ${name} once more` }],
  );
}

function checkProxy({ proxyUrl }: UpstreamSpec): SpecFault[] {
  if (proxyUrl === '') return [];
  const endpoint = readEndpoint(proxyUrl, { plaintext: true });
  if ('fault' in endpoint) return [{ field: 'proxy_url', fault: endpoint.fault }];
  return endpoint.url.pathname === '/' ? [] : [{ field: 'proxy_url', fault: 'must not have a path' }];
}

function checkTime(field: string, duration: Duration | undefined, maxMs: number): SpecFault[] {
  if (duration === undefined) return [];
  const ms = toMs(duration);
  const isFitting = ms >= MIN_MS && ms <= maxMs;
  return isFitting ? [] : [{ field, fault: `must be from ${MIN_MS / 1000}s to ${maxMs / 1000}s` }];
}

/** A duration in milliseconds. */
export function toMs({ seconds, nanos }: Duration): number {
  return Number(seconds) * 1_000 + Math.round(nanos / 1_000_000);
}
