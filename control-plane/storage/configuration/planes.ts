import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type UpstreamHealth, UpstreamHealthSchema } from '#proto/sworn/plane/v1/plane_pb.ts';
import { conform } from '../conform.ts';
import type { ClientSession, Database } from '../database.ts';
import type { Page } from '../keyset.ts';
import { planesSchema } from '../schema/planes.ts';
import { sealedCollection } from '../sealing/sealed.ts';
import { findRemoved } from './configuration-changes.ts';

interface PlaneDocument {
  readonly _id: string;
  readonly displayName: string;
  readonly publicKey: Uint8Array;
  readonly createTime: Date;
  readonly seenTime?: Date;
  readonly revokeTime?: Date;
  readonly report?: {
    readonly epoch: string;
    readonly appliedRevision: bigint;
    readonly applyError: string;
    readonly spoolDepth: bigint;
    readonly version: string;
    readonly region?: string;
    /** Serialised UpstreamHealth messages. */
    readonly upstreams?: readonly Uint8Array[];
    readonly detectorError?: string;
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
  /** Why the external detector did not answer when it was last asked. */
  readonly detectorError: string;
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

/** Whether a plane is trusted: known and not revoked, and what is stored is what was. */
export type Trust = 'trusted' | 'revoked' | 'altered';

const planes = sealedCollection<PlaneDocument>('planes');
const asPlane = conform<PlaneDocument>(planesSchema);

/** The plane of this name, revoked or not. @throws AlteredError */
export async function findPlane(
  database: Database,
  name: string,
  session?: ClientSession,
): Promise<StoredPlane | undefined> {
  const found = await planes.findOne(database, { _id: name }, { ...(session && { session }) });
  const document = planes.read(database, found);
  return document && toPlane(document);
}

/** The plane that has this key, revoked or not. @throws AlteredError */
export async function findPlaneByKey(
  database: Database,
  publicKey: Uint8Array,
): Promise<StoredPlane | undefined> {
  const found = await planes.findOne(database, { publicKey });
  const document = planes.read(database, found);
  return document && toPlane(document);
}

/** Whether each of these planes is trusted. */
export async function findTrust(database: Database, names: readonly string[]): Promise<Map<string, Trust>> {
  const found = await planes.find(database, { _id: { $in: [...names] } });
  const removed = await findRemoved(database, names);
  const whole = new Map(planes.keep(database, found).map((document) => [document._id, document]));
  const stored = new Set(found.map(({ _id }) => _id));
  return new Map(
    names.map((name) => {
      const document = whole.get(name);
      if (document === undefined) return [name, stored.has(name) ? 'altered' : 'revoked'];
      return [name, document.revokeTime === undefined && !removed.has(name) ? 'trusted' : 'revoked'];
    }),
  );
}

/** One page of planes by name, and one more when there is a further page. @throws AlteredError */
export async function listPlanes(database: Database, page: Page): Promise<StoredPlane[]> {
  const filter = page.after === undefined ? {} : { _id: { $gt: page.after } };
  const documents = await planes.find(database, filter, { sort: { _id: 1 }, limit: page.limit + 1 });
  return planes.readAll(database, documents).map(toPlane);
}

/** Every plane by name, revoked ones too, as they stand: for what is said of the record, where none may be left out. */
export async function listAllPlanes(database: Database): Promise<StoredPlane[]> {
  return (await planes.find(database, {}, { sort: { _id: 1 } })).map(toPlane);
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
    publicKey: plane.publicKey,
    createTime: plane.createTime,
  };
  await planes.insert(database, session, document);
}

/**
 * Ends the trust in a plane; an earlier revocation keeps its time. One that was altered ends as it stands, and counts again: as
 * a revoked one. Undefined when there is no such plane.
 */
export async function revokePlane(
  database: Database,
  name: string,
  now: Date,
  session: ClientSession,
): Promise<StoredPlane | undefined> {
  const found = await planes.findOne(database, { _id: name }, { session });
  if (found === null) return undefined;
  const [whole] = planes.keep(database, [found]);
  if (whole?.revokeTime === undefined) {
    // Field by field: what the plane reported stays as it is stored.
    const { revokeTime, mac } = planes.seal(database, { ...found, revokeTime: now });
    await planes.of(database).updateOne({ _id: name }, { $set: { revokeTime, mac } as never }, { session });
  }
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
    upstreams: report.upstreams.map((health) => toBinary(UpstreamHealthSchema, health)),
  };
  await planes.of(database).updateOne({ _id: name }, { $set: { report: stored, seenTime: now } });
}

function toPlane(stored: PlaneDocument): StoredPlane {
  const document = asPlane(stored);
  const { report } = document;
  return {
    name: document._id,
    displayName: document.displayName,
    publicKey: document.publicKey,
    createTime: document.createTime,
    seenTime: document.seenTime,
    revokeTime: document.revokeTime,
    report: report && {
      ...report,
      region: report.region ?? '',
      detectorError: report.detectorError ?? '',
      upstreams: (report.upstreams ?? []).flatMap(readHealth),
    },
  };
}

/** None where somebody has put another thing there, which no MAC covers. */
function readHealth(bytes: Uint8Array): UpstreamHealth[] {
  try {
    return [fromBinary(UpstreamHealthSchema, bytes)];
  } catch {
    return [];
  }
}
