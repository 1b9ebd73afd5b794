import { create } from '@bufbuild/protobuf';
import { type FieldMask, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import { readEndpoint } from '#core/endpoint/read.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { type Upstream, UpstreamSchema, UpstreamSpecSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { checkEtag } from '../api/etag.ts';
import { fail } from '../api/fail.ts';
import { applyMask } from '../api/update-mask.ts';
import { checkResource } from '../api/validation.ts';
import type { Context } from '../context.ts';
import { applyChange } from '../distribution/change.ts';
import { isDuplicateKey } from '../storage/database.ts';
import { deleteUpstream, findUpstream, insertUpstream, replaceUpstream } from '../storage/upstreams.ts';
import { isCredential, openCredential, sealCredential } from './credential.ts';

/**
 * Adds an upstream `upstreams/{id}` with its credential.
 * @throws ConnectError INVALID_ARGUMENT, ALREADY_EXISTS
 */
export async function createUpstream(
  context: Context,
  caller: Caller,
  id: string,
  wanted: Upstream,
  credential: string,
): Promise<Upstream> {
  const name = `upstreams/${id}`;
  const now = timestampFromDate(context.now());
  const baseUrl = readBaseUrl(wanted);
  checkCredential(credential);
  const upstream = create(UpstreamSchema, {
    name,
    spec: { baseUrl },
    etag: uuidv7(),
    createTime: now,
    updateTime: now,
    credentialTime: now,
  });
  const sealedCredential = sealCredential(context.seal, name, baseUrl, credential);
  try {
    await applyChange(context, { caller, action: 'upstream.create', resource: name }, (session) =>
      insertUpstream(context.database, { upstream, sealedCredential }, session),
    );
  } catch (error) {
    if (isDuplicateKey(error)) throw fail(Reason.ALREADY_EXISTS, `${name} exists`, { name });
    throw error;
  }
  return upstream;
}

/**
 * Changes an upstream. A new host takes the credential again: nobody gets at a credential that they do not know
 * by sending it to a host of theirs.
 * @param credential the old one stays when empty
 * @throws ConnectError NOT_FOUND, ETAG_MISMATCH, INVALID_UPDATE_MASK, INVALID_ARGUMENT
 */
export function updateUpstream(
  context: Context,
  caller: Caller,
  update: Upstream,
  mask: FieldMask | undefined,
  credential: string,
): Promise<Upstream> {
  const { database, seal } = context;
  const { name } = update;
  if (credential !== '') checkCredential(credential);
  return applyChange(context, { caller, action: 'upstream.update', resource: name }, async (session) => {
    const stored = await findUpstream(database, name, session);
    if (stored === undefined) throw notFound(name);
    checkEtag(update.etag, stored.upstream);
    const merged = applyMask(UpstreamSchema, stored.upstream, update, mask);
    checkResource(UpstreamSchema, merged, 'upstream');
    const baseUrl = readBaseUrl(merged);
    if (credential === '' && new URL(baseUrl).origin !== new URL(readBaseUrl(stored.upstream)).origin) {
      throw invalid('credential', 'must be given again for another host');
    }
    const now = timestampFromDate(context.now());
    const upstream = create(UpstreamSchema, {
      ...merged,
      spec: create(UpstreamSpecSchema, { baseUrl }),
      etag: uuidv7(),
      updateTime: now,
      ...(credential !== '' && { credentialTime: now }),
    });
    const plain = credential !== '' ? credential : openCredential(seal, stored);
    const sealedCredential = sealCredential(seal, name, baseUrl, plain);
    await replaceUpstream(database, { upstream, sealedCredential }, session);
    return upstream;
  });
}

/**
 * Removes an upstream and its credential.
 * @param etag where not empty, must be current
 * @throws ConnectError NOT_FOUND, ETAG_MISMATCH
 */
export function removeUpstream(context: Context, caller: Caller, name: string, etag: string): Promise<void> {
  return applyChange(context, { caller, action: 'upstream.delete', resource: name }, async (session) => {
    const stored = await findUpstream(context.database, name, session);
    if (stored === undefined) throw notFound(name);
    checkEtag(etag, stored.upstream);
    await deleteUpstream(context.database, name, session);
  });
}

/** The base URL without the slash at its end: `/responses` and so on are appended. */
function readBaseUrl(upstream: Upstream): string {
  const endpoint = readEndpoint(upstream.spec?.baseUrl ?? '');
  if ('fault' in endpoint) throw invalid('upstream.spec.base_url', endpoint.fault);
  return endpoint.url.href.replace(/\/+$/, '');
}

function checkCredential(credential: string): void {
  if (!isCredential(credential)) {
    throw invalid('credential', 'must be printable ASCII without spaces or line breaks');
  }
}

function invalid(field: string, fault: string) {
  return fail(Reason.INVALID_ARGUMENT, `${field} ${fault}`, { [field]: fault });
}

function notFound(name: string) {
  return fail(Reason.NOT_FOUND, `there is no ${name}`, { name });
}
