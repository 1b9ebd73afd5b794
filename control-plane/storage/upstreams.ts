import { create } from '@bufbuild/protobuf';
import { timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Binary } from 'mongodb';
import { type Upstream, UpstreamSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import type { Page } from '../api/paging.ts';
import type { ClientSession, Database } from './database.ts';

interface UpstreamDocument {
  readonly _id: string;
  readonly baseUrl: string;
  readonly sealedCredential: Binary;
  readonly credentialTime: Date;
  readonly etag: string;
  readonly createTime: Date;
  readonly updateTime: Date;
}

/** An upstream with its credential as the seal wrote it. */
export interface SealedUpstream {
  readonly upstream: Upstream;
  readonly sealedCredential: Uint8Array;
}

const upstreams = (database: Database) => database.db.collection<UpstreamDocument>('upstreams');

/** The upstream of this name. */
export async function findUpstream(
  database: Database,
  name: string,
  session?: ClientSession,
): Promise<SealedUpstream | undefined> {
  const document = await upstreams(database).findOne({ _id: name }, { ...(session && { session }) });
  return document === null ? undefined : toSealedUpstream(document);
}

/** One page of upstreams by name, and one more when there is a further page. */
export async function listUpstreams(database: Database, page: Page): Promise<Upstream[]> {
  const filter = page.after === undefined ? {} : { _id: { $gt: page.after } };
  const documents = await upstreams(database)
    .find(filter)
    .sort({ _id: 1 })
    .limit(page.limit + 1)
    .toArray();
  return documents.map((document) => toSealedUpstream(document).upstream);
}

/** Every upstream with its sealed credential, by name, as the session sees them. */
export async function listAllUpstreams(
  database: Database,
  session: ClientSession,
): Promise<SealedUpstream[]> {
  const documents = await upstreams(database).find({}, { session }).sort({ _id: 1 }).toArray();
  return documents.map(toSealedUpstream);
}

/** Stores a new upstream. Throws a duplicate key error when its name is taken. */
export async function insertUpstream(
  database: Database,
  sealed: SealedUpstream,
  session: ClientSession,
): Promise<void> {
  await upstreams(database).insertOne(toDocument(sealed), { session });
}

/** Stores an upstream in the place of the one of its name. */
export async function replaceUpstream(
  database: Database,
  sealed: SealedUpstream,
  session: ClientSession,
): Promise<void> {
  await upstreams(database).replaceOne({ _id: sealed.upstream.name }, toDocument(sealed), { session });
}

/** Removes the upstream of this name and its credential. */
export async function deleteUpstream(
  database: Database,
  name: string,
  session: ClientSession,
): Promise<void> {
  await upstreams(database).deleteOne({ _id: name }, { session });
}

function toSealedUpstream(document: UpstreamDocument): SealedUpstream {
  const upstream = create(UpstreamSchema, {
    name: document._id,
    spec: { baseUrl: document.baseUrl },
    etag: document.etag,
    createTime: timestampFromDate(document.createTime),
    updateTime: timestampFromDate(document.updateTime),
    credentialTime: timestampFromDate(document.credentialTime),
  });
  return { upstream, sealedCredential: document.sealedCredential.value() };
}

function toDocument({ upstream, sealedCredential }: SealedUpstream): UpstreamDocument {
  const { spec, createTime, updateTime, credentialTime } = upstream;
  if (
    spec === undefined ||
    createTime === undefined ||
    updateTime === undefined ||
    credentialTime === undefined
  ) {
    throw new TypeError('an upstream to store has a spec and times');
  }
  return {
    _id: upstream.name,
    baseUrl: spec.baseUrl,
    sealedCredential: new Binary(sealedCredential),
    credentialTime: timestampDate(credentialTime),
    etag: upstream.etag,
    createTime: timestampDate(createTime),
    updateTime: timestampDate(updateTime),
  };
}
