import { create, fromJson, type JsonObject, toJson } from '@bufbuild/protobuf';
import { timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Binary } from 'mongodb';
import {
  type Upstream,
  UpstreamSchema,
  type UpstreamSpec,
  UpstreamSpecSchema,
} from '#proto/sworn/upstream/v1/upstream_pb.ts';
import type { ClientSession, Database } from '../database.ts';
import type { Page } from '../keyset.ts';
import { sealedCollection } from '../sealing/sealed.ts';

interface UpstreamDocument {
  readonly _id: string;
  readonly baseUrl: string;
  /** The spec but for its base URL, as JSON; absent where it says no more. */
  readonly spec?: JsonObject;
  readonly sealedCredential?: Binary;
  readonly sealedClientKey?: Binary;
  readonly sealedProxyCredential?: Binary;
  readonly sealedSecretHeaders?: Binary;
  /** Their names. */
  readonly secretHeaders?: readonly string[];
  readonly credentialTime?: Date;
  readonly etag: string;
  readonly createTime: Date;
  readonly updateTime: Date;
}

/** An upstream with its secrets as the seal wrote them. */
export interface SealedUpstream {
  readonly upstream: Upstream;
  readonly sealed: {
    readonly credential?: Uint8Array;
    readonly clientKey?: Uint8Array;
    readonly proxyCredential?: Uint8Array;
    readonly secretHeaders?: Uint8Array;
  };
}

const upstreams = sealedCollection<UpstreamDocument>('upstreams', {});

/** The upstream of this name. @throws AlteredError */
export async function findUpstream(
  database: Database,
  name: string,
  session?: ClientSession,
): Promise<SealedUpstream | undefined> {
  const document = await upstreams.findById(database, name, session);
  return document && toSealedUpstream(document);
}

/** One page of upstreams by name, and one more when there is a further page. @throws AlteredError */
export async function listUpstreams(database: Database, page: Page): Promise<Upstream[]> {
  const filter = page.after === undefined ? {} : { _id: { $gt: page.after } };
  const documents = await upstreams.find(database, filter, { sort: { _id: 1 }, limit: page.limit + 1 });
  return upstreams.readAll(database, documents).map((document) => toSealedUpstream(document).upstream);
}

/**
 * Every upstream with its sealed secrets, by name, as the session sees them.
 * @param faulty what is done about those that are altered, are gone or are back; AlteredError to refuse
 */
export async function listAllUpstreams(
  database: Database,
  session: ClientSession,
  faulty: 'skip' | 'refuse' = 'skip',
): Promise<SealedUpstream[]> {
  return (await upstreams.whole(database, session, faulty)).map(toSealedUpstream);
}

/** The names of all upstreams. */
export async function listUpstreamNames(database: Database, session?: ClientSession): Promise<string[]> {
  const options = { projection: { _id: 1 }, ...(session && { session }) };
  return (await upstreams.find(database, {}, { ...options })).map(({ _id }) => _id);
}

/** Stores a new upstream. Throws a duplicate key error when its name is taken. */
export async function insertUpstream(
  database: Database,
  sealed: SealedUpstream,
  session: ClientSession,
): Promise<void> {
  await upstreams.insert(database, session, toDocument(sealed));
}

/** Stores an upstream in the place of the one of its name. */
export async function replaceUpstream(
  database: Database,
  sealed: SealedUpstream,
  session: ClientSession,
): Promise<void> {
  await upstreams.replace(database, session, toDocument(sealed));
}

/** Removes the upstream of this name and its secrets. */
export async function deleteUpstream(
  database: Database,
  name: string,
  session: ClientSession,
): Promise<void> {
  await upstreams.remove(database, session, name);
}

/** The spec of a stored upstream. */
export function specOf({ spec, baseUrl }: Pick<UpstreamDocument, 'spec' | 'baseUrl'>): UpstreamSpec {
  return { ...fromJson(UpstreamSpecSchema, spec ?? {}), baseUrl };
}

function toSealedUpstream(document: UpstreamDocument): SealedUpstream {
  const { sealedCredential, sealedClientKey, sealedProxyCredential, sealedSecretHeaders } = document;
  const { credentialTime, secretHeaders = [] } = document;
  const upstream = create(UpstreamSchema, {
    name: document._id,
    spec: specOf(document),
    etag: document.etag,
    createTime: timestampFromDate(document.createTime),
    updateTime: timestampFromDate(document.updateTime),
    ...(credentialTime && { credentialTime: timestampFromDate(credentialTime) }),
    hasClientKey: sealedClientKey !== undefined,
    hasProxyCredential: sealedProxyCredential !== undefined,
    secretHeaders: [...secretHeaders],
  });
  return {
    upstream,
    sealed: {
      ...(sealedCredential && { credential: sealedCredential.value() }),
      ...(sealedClientKey && { clientKey: sealedClientKey.value() }),
      ...(sealedProxyCredential && { proxyCredential: sealedProxyCredential.value() }),
      ...(sealedSecretHeaders && { secretHeaders: sealedSecretHeaders.value() }),
    },
  };
}

function toDocument({ upstream, sealed }: SealedUpstream): UpstreamDocument {
  const { spec, createTime, updateTime, credentialTime, secretHeaders: names } = upstream;
  if (spec === undefined || createTime === undefined || updateTime === undefined) {
    throw new TypeError('an upstream to store has a spec and times');
  }
  const { credential, clientKey, proxyCredential, secretHeaders } = sealed;
  return {
    _id: upstream.name,
    baseUrl: spec.baseUrl,
    spec: toJson(UpstreamSpecSchema, { ...spec, baseUrl: '' }) as JsonObject,
    ...(credential && { sealedCredential: new Binary(credential) }),
    ...(clientKey && { sealedClientKey: new Binary(clientKey) }),
    ...(proxyCredential && { sealedProxyCredential: new Binary(proxyCredential) }),
    ...(secretHeaders && { sealedSecretHeaders: new Binary(secretHeaders), secretHeaders: names }),
    ...(credentialTime && { credentialTime: timestampDate(credentialTime) }),
    etag: upstream.etag,
    createTime: timestampDate(createTime),
    updateTime: timestampDate(updateTime),
  };
}
