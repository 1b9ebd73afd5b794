import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import {
  type SecretHeader,
  SecretHeaderSchema,
  type UpstreamSpec,
  UpstreamSpecSchema,
} from '#proto/sworn/upstream/v1/upstream_pb.ts';
import type { SealedUpstream } from '../storage/configuration/upstreams.ts';
import type { Seal } from '../storage/sealing/seal.ts';

/** What planes prove themselves with, to an upstream and to what stands before it; empty: there is none. */
export interface Secrets {
  /** The provider's key, or the client's secret. */
  readonly credential: string;
  /** PEM private key of the client certificate. */
  readonly clientKey: string;
  /** `user:password` for the proxy. */
  readonly proxyCredential: string;
  /** Headers whose values are secret, as formatHeaders writes them. */
  readonly secretHeaders: string;
}

/** The same, as the seal wrote them. */
export type SealedSecrets = { readonly [secret in keyof Secrets]?: Uint8Array };

/** How each is named in the context that it is sealed in. */
const SECRETS: Readonly<Record<keyof Secrets, string>> = {
  credential: 'credential',
  clientKey: 'client key',
  proxyCredential: 'proxy credential',
  secretHeaders: 'secret headers',
};

/**
 * Seals secrets for one upstream as its spec is: who can write to the store can neither move them to another upstream nor
 * turn their upstream to a host, proxy or authority of their own.
 */
export function sealSecrets(seal: Seal, name: string, spec: UpstreamSpec, secrets: Secrets): SealedSecrets {
  return mapSecrets((key) => {
    const plain = secrets[key];
    return plain === '' ? undefined : seal.seal(Buffer.from(plain, 'utf8'), upstreamContext(name, key, spec));
  });
}

/**
 * The secrets of a stored upstream.
 * @throws SealError when they were sealed for another upstream or spec, or with another master key
 */
export function openSecrets(seal: Seal, { upstream, sealed }: SealedUpstream): Secrets {
  const { name, spec = create(UpstreamSpecSchema) } = upstream;
  const opened = mapSecrets((key) => {
    const value = sealed[key];
    return value && Buffer.from(seal.open(value, upstreamContext(name, key, spec))).toString('utf8');
  });
  return { credential: '', clientKey: '', proxyCredential: '', secretHeaders: '', ...opened };
}

/** Secret headers as one secret: by name in lower case, each once, the later value counts; without those that have none. */
export function formatHeaders(headers: readonly Pick<SecretHeader, 'name' | 'value'>[]): string {
  const byName = new Map(headers.map(({ name, value }) => [name.toLowerCase(), value]));
  const kept = [...byName].filter(([, value]) => value !== '');
  return kept.length === 0 ? '' : JSON.stringify(kept);
}

/** What formatHeaders has written. */
export function parseHeaders(text: string): SecretHeader[] {
  const entries = text === '' ? [] : (JSON.parse(text) as [string, string][]);
  return entries.map(([name, value]) => create(SecretHeaderSchema, { name, value }));
}

/** What a secret is sealed as. */
export function upstreamContext(name: string, key: keyof Secrets, spec: UpstreamSpec): string {
  return `${name} ${SECRETS[key]} for ${place(spec)}`;
}

/** The base URL and, where more is said than that, a digest of it. Which upstream is the default one is no part of it. */
function place(spec: UpstreamSpec): string {
  const rest = toBinary(UpstreamSpecSchema, { ...spec, baseUrl: '', isDefault: false });
  if (rest.length === 0) return spec.baseUrl;
  return `${spec.baseUrl} as ${createHash('sha256').update(rest).digest('hex')}`;
}

function mapSecrets<T>(run: (key: keyof Secrets) => T | undefined): Partial<Record<keyof Secrets, T>> {
  const entries = (Object.keys(SECRETS) as (keyof Secrets)[]).map((key) => [key, run(key)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
