import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { Binary, Long } from 'mongodb';
import { type UpstreamHealth, UpstreamHealthSchema } from '#proto/sworn/plane/v1/plane_pb.ts';
import type { Page } from '../api/paging.ts';
import type { ClientSession, Database } from './database.ts';

interface PlaneDocument {
  readonly _id: string;
  readonly displayName: string;
  readonly publicKey: Binary;
  readonly createTime: Date;
  readonly seenTime?: Date;
  readonly revokeTime?: Date;
  readonly report?: {
    readonly epoch: string;
    readonly appliedRevision: Long | number;
    readonly applyError: string;
    readonly spoolDepth: Long | number;
    readonly version: string;
    readonly region?: string;
    /** Serialised UpstreamHealth messages. */
    readonly upstreams?: readonly Binary[];
  };
}

/** What a plane last said that it runs. */
export interface PlaneReport {
  readonly epoch: string;
  readonly appliedRevision: bigint;
  readonly applyError: string;
  readonly spoolDepth: bigint;
  readonly version: string;
  readonly region: string;
  readonly upstreams: readonly UpstreamHealth[];
}

/** A plane as it is stored. */
export interface StoredPlane {
  /** `planes/{id}`. */
  readonly name: string;
  readonly displayName: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly createTime: Date;
  readonly seenTime: Date | undefined;
  readonly revokeTime: Date | undefined;
  readonly report: PlaneReport | undefined;
}

const planes = (database: Database) => database.db.collection<PlaneDocument>('planes');

/** The plane of this name, revoked or not. */
export async function findPlane(
  database: Database,
  name: string,
  session?: ClientSession,
): Promise<StoredPlane | undefined> {
  const document = await planes(database).findOne({ _id: name }, { ...(session && { session }) });
  return document === null ? undefined : toPlane(document);
}

/** The plane that has this key, revoked or not. */
export async function findPlaneByKey(
  database: Database,
  publicKey: Uint8Array,
): Promise<StoredPlane | undefined> {
  const document = await planes(database).findOne({ publicKey: new Binary(publicKey) });
  return document === null ? undefined : toPlane(document);
}

/** Those of these planes that are trusted: known and not revoked. */
export async function findTrusted(database: Database, names: readonly string[]): Promise<Set<string>> {
  const documents = await planes(database)
    .find({ _id: { $in: names }, revokeTime: { $exists: false } }, { projection: { _id: 1 } })
    .toArray();
  return new Set(documents.map((document) => document._id));
}

/** One page of planes by name, and one more when there is a further page. */
export async function listPlanes(database: Database, page: Page): Promise<StoredPlane[]> {
  const filter = page.after === undefined ? {} : { _id: { $gt: page.after } };
  const documents = await planes(database)
    .find(filter)
    .sort({ _id: 1 })
    .limit(page.limit + 1)
    .toArray();
  return documents.map(toPlane);
}

/** Every plane by name, revoked ones too. */
export async function listAllPlanes(database: Database): Promise<StoredPlane[]> {
  return (await planes(database).find().sort({ _id: 1 }).toArray()).map(toPlane);
}

/** Stores a new plane. Throws a duplicate key error when its key has enrolled before. */
export async function insertPlane(
  database: Database,
  plane: Pick<StoredPlane, 'name' | 'displayName' | 'publicKey' | 'createTime'>,
  session: ClientSession,
): Promise<void> {
  const document = {
    _id: plane.name,
    displayName: plane.displayName,
    publicKey: new Binary(plane.publicKey),
    createTime: plane.createTime,
  };
  await planes(database).insertOne(document, { session });
}

/** Ends the trust in a plane; an earlier revocation keeps its time. Undefined when there is no such plane. */
export async function revokePlane(
  database: Database,
  name: string,
  now: Date,
  session: ClientSession,
): Promise<StoredPlane | undefined> {
  await planes(database).updateOne(
    { _id: name, revokeTime: { $exists: false } },
    { $set: { revokeTime: now } },
    { session },
  );
  return findPlane(database, name, session);
}

/** Notes what a plane runs, and that it spoke. */
export async function storeReport(
  database: Database,
  name: string,
  report: PlaneReport,
  now: Date,
): Promise<void> {
  const stored = {
    ...report,
    appliedRevision: Long.fromBigInt(report.appliedRevision),
    spoolDepth: Long.fromBigInt(report.spoolDepth),
    upstreams: report.upstreams.map((health) => new Binary(toBinary(UpstreamHealthSchema, health))),
  };
  await planes(database).updateOne({ _id: name }, { $set: { report: stored, seenTime: now } });
}

function toPlane(document: PlaneDocument): StoredPlane {
  const { report } = document;
  return {
    name: document._id,
    displayName: document.displayName,
    publicKey: document.publicKey.value(),
    createTime: document.createTime,
    seenTime: document.seenTime,
    revokeTime: document.revokeTime,
    report: report && {
      ...report,
      appliedRevision: BigInt(report.appliedRevision.toString()),
      spoolDepth: BigInt(report.spoolDepth.toString()),
      region: report.region ?? '',
      upstreams: (report.upstreams ?? []).map((health) => fromBinary(UpstreamHealthSchema, health.value())),
    },
  };
}
