import { create } from '@bufbuild/protobuf';
import { type FieldMask, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import { readBaseUrl, takesCredential } from '#core/upstream/check.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import {
  type SecretHeader,
  type Upstream,
  UpstreamSchema,
  type UpstreamSpec,
  UpstreamSpecSchema,
} from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { checkEtag } from '../api/etag.ts';
import { fail } from '../api/fail.ts';
import { applyMask } from '../api/update-mask.ts';
import { checkResource } from '../api/validation.ts';
import { configurationOf } from '../audit/configuration.ts';
import type { Context } from '../context.ts';
import { applyChange } from '../distribution/change.ts';
import { listAllPolicies } from '../storage/configuration/policies.ts';
import {
  deleteUpstream,
  findUpstream,
  insertUpstream,
  listAllUpstreams,
  replaceUpstream,
} from '../storage/configuration/upstreams.ts';
import type { ClientSession } from '../storage/database.ts';
import { ifAltered } from '../storage/sealing/altered.ts';
import { checkUpstream, invalid } from './check.ts';
import { findDefault, takeDefault } from './default.ts';
import { formatHeaders, openSecrets, parseHeaders, type Secrets, sealSecrets } from './secrets.ts';

/** Secrets as a call brings them. */
export interface GivenSecrets extends Omit<Secrets, 'secretHeaders'> {
  readonly secretHeaders: readonly Pick<SecretHeader, 'name' | 'value'>[];
}

/**
 * Adds an upstream `upstreams/{id}` with its secrets. The first is the default one.
 * @throws ConnectError INVALID_ARGUMENT, ALREADY_EXISTS
 */
export function createUpstream(
  context: Context,
  caller: Caller,
  id: string,
  wanted: Upstream,
  given: GivenSecrets,
): Promise<Upstream> {
  const { database, seal } = context;
  const name = `upstreams/${id}`;
  const secrets = { ...given, secretHeaders: formatHeaders(given.secretHeaders) };
  const spec = normalise(wanted.spec ?? create(UpstreamSpecSchema));
  checkUpstream(spec, secrets);
  const change = (upstream: Upstream) => {
    const configuration = configurationOf(UpstreamSchema, upstream, { secrets });
    return { caller, action: 'upstream.create' as const, resource: name, configuration };
  };
  return applyChange(context, change, async (session) => {
    const others = await listAllUpstreams(database, session);
    if (others.some(({ upstream }) => upstream.name === name)) {
      throw fail(Reason.ALREADY_EXISTS, `${name} exists`, { name });
    }
    const settled = { ...spec, isDefault: spec.isDefault || others.length === 0 };
    const now = timestampFromDate(context.now());
    const upstream = create(UpstreamSchema, {
      name,
      spec: settled,
      etag: uuidv7(),
      createTime: now,
      updateTime: now,
      ...(secrets.credential !== '' && { credentialTime: now }),
      ...describeSecrets(secrets),
    });
    if (settled.isDefault) await takeDefault(context, name, session);
    await insertUpstream(database, { upstream, sealed: sealSecrets(seal, name, settled, secrets) }, session);
    return upstream;
  });
}

/**
 * Changes an upstream. What changes where its secrets go takes them again: nobody gets at a secret that they do not
 * know by sending it to a host, by a proxy or under an authority of theirs.
 * @param given the old ones stay where empty
 * @throws ConnectError NOT_FOUND, ETAG_MISMATCH, INVALID_UPDATE_MASK, INVALID_ARGUMENT
 */
export function updateUpstream(
  context: Context,
  caller: Caller,
  update: Upstream,
  mask: FieldMask | undefined,
  given: GivenSecrets,
): Promise<Upstream> {
  const { database, seal } = context;
  const { name } = update;
  const change = (upstream: Upstream) => {
    const configuration = configurationOf(UpstreamSchema, upstream, { secrets: { ...given } });
    return { caller, action: 'upstream.update' as const, resource: name, configuration };
  };
  return applyChange(context, change, async (session) => {
    const stored = await findUpstream(database, name, session);
    if (stored === undefined) throw notFound(name);
    checkEtag(update.etag, stored.upstream);
    const before = stored.upstream.spec ?? create(UpstreamSpecSchema);
    const merged = applyMask(UpstreamSchema, stored.upstream, update, mask);
    checkResource(UpstreamSchema, merged, 'upstream');
    const wanted = normalise(merged.spec ?? create(UpstreamSpecSchema));
    // Only another one that becomes the default ends that.
    const spec = { ...wanted, isDefault: wanted.isDefault || before.isDefault };
    const kept = keptSecrets(openSecrets(seal, stored), spec);
    const secrets = {
      credential: given.credential || kept.credential,
      clientKey: given.clientKey || kept.clientKey,
      proxyCredential: given.proxyCredential || kept.proxyCredential,
      secretHeaders: formatHeaders([...parseHeaders(kept.secretHeaders), ...given.secretHeaders]),
    };
    checkUpstream(spec, secrets);
    requireAgain(before, spec, kept, given);
    const now = timestampFromDate(context.now());
    const upstream = create(UpstreamSchema, {
      ...merged,
      spec,
      etag: uuidv7(),
      updateTime: now,
      credentialTime: given.credential !== '' ? now : merged.credentialTime,
      ...describeSecrets(secrets),
    });
    if (secrets.credential === '') delete upstream.credentialTime;
    if (spec.isDefault && !before.isDefault) await takeDefault(context, name, session);
    await replaceUpstream(database, { upstream, sealed: sealSecrets(seal, name, spec, secrets) }, session);
    return upstream;
  });
}

/**
 * Removes an upstream and its secrets. One that a policy names stays, and the default one while there are others: what goes
 * where is changed first, by somebody who thinks of it.
 * @param etag where not empty, must be current
 * @throws ConnectError NOT_FOUND, ETAG_MISMATCH, IN_USE
 */
export async function removeUpstream(
  context: Context,
  caller: Caller,
  name: string,
  etag: string,
): Promise<void> {
  const change = (upstream: Upstream) => {
    const configuration = configurationOf(UpstreamSchema, upstream, { removed: true });
    return { caller, action: 'upstream.delete' as const, resource: name, configuration };
  };
  await applyChange(context, change, async (session) => {
    const stored = await ifAltered(findUpstream(context.database, name, session), () => ({
      upstream: create(UpstreamSchema, { name, etag }),
    }));
    if (stored === undefined) throw notFound(name);
    checkEtag(etag, stored.upstream);
    await requireUnused(context, name, session);
    await deleteUpstream(context.database, name, session);
    return stored.upstream;
  });
}

async function requireUnused({ database }: Context, name: string, session: ClientSession): Promise<void> {
  const policies = await listAllPolicies(database, session);
  const by = policies.find(({ spec }) => spec?.upstreams.some((id) => `upstreams/${id}` === name));
  if (by !== undefined) throw fail(Reason.IN_USE, `${by.name} sends requests to ${name}`, { name: by.name });
  const all = (await listAllUpstreams(database, session)).map(({ upstream }) => upstream);
  if (all.length > 1 && findDefault(all)?.name === name) {
    throw fail(Reason.IN_USE, `${name} is the default: make another one the default first`, { name });
  }
}

/** Those that the spec still has a use for. */
function keptSecrets(stored: Secrets, spec: UpstreamSpec): Secrets {
  return {
    credential: takesCredential(spec) ? stored.credential : '',
    clientKey: spec.clientCertificate === '' ? '' : stored.clientKey,
    proxyCredential: spec.proxyUrl === '' ? '' : stored.proxyCredential,
    secretHeaders: stored.secretHeaders,
  };
}

function requireAgain(before: UpstreamSpec, after: UpstreamSpec, kept: Secrets, given: GivenSecrets): void {
  const isGiven = new Set(given.secretHeaders.map(({ name }) => name.toLowerCase()));
  const left = parseHeaders(kept.secretHeaders).filter(({ name }) => !isGiven.has(name));
  if (left.length > 0 && destination(before) !== destination(after)) {
    const names = left.map(({ name }) => name).join(', ');
    throw invalid(
      'secret_headers',
      `must be given again (${names}): another host, proxy or authority would get them`,
    );
  }
  if (kept.credential !== '' && given.credential === '' && destination(before) !== destination(after)) {
    throw invalid(
      'credential',
      'must be given again: another host, way of authentication, proxy or authority would get it',
    );
  }
  if (kept.proxyCredential !== '' && given.proxyCredential === '' && before.proxyUrl !== after.proxyUrl) {
    throw invalid('proxy_credential', 'must be given again for another proxy');
  }
}

/** All that decides who gets to see the credential. */
function destination({ baseUrl, authentication, oauth, proxyUrl, caCertificates }: UpstreamSpec): string {
  const { origin } = new URL(baseUrl);
  const issuer = oauth === undefined ? '' : new URL(oauth.tokenUrl).href;
  return JSON.stringify([origin, authentication || 1, issuer, proxyUrl, caCertificates]);
}

/** As it is stored: the base URL without the slash at its end. One that is none stays, to be refused. */
function normalise(spec: UpstreamSpec): UpstreamSpec {
  return create(UpstreamSpecSchema, { ...spec, baseUrl: readBaseUrl(spec) || spec.baseUrl });
}

function describeSecrets({ clientKey, proxyCredential, secretHeaders }: Secrets) {
  return {
    hasClientKey: clientKey !== '',
    hasProxyCredential: proxyCredential !== '',
    secretHeaders: parseHeaders(secretHeaders).map(({ name }) => name),
  };
}

function notFound(name: string) {
  return fail(Reason.NOT_FOUND, `there is no ${name}`, { name });
}
