import { create } from '@bufbuild/protobuf';
import { timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Binding, type Issuer, IssuerSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';
import type { ClientSession, Database } from '../database.ts';
import type { Page } from '../keyset.ts';
import { sealedCollection } from '../sealing/sealed.ts';
import { findRemoved } from './configuration-changes.ts';

interface IssuerDocument {
  readonly _id: string;
  readonly issuerUrl: string;
  readonly gatewayAudiences: string[];
  readonly controlPlaneAudiences: string[];
  readonly groupsClaim: string;
  readonly algorithms: string[];
  /** A list, since ids may have dots and dollars in them. Absent in issuers of before, as the next one. */
  readonly groupNames?: readonly { readonly id: string; readonly name: string }[];
  readonly serviceClients?: string[];
  /** Absent where bearer tokens are taken. */
  readonly binding?: Exclude<keyof typeof Binding, 'UNSPECIFIED'>;
  readonly etag: string;
  readonly createTime: Date;
  readonly updateTime: Date;
}

const issuers = sealedCollection<IssuerDocument>('issuers', {});

/** The issuer of this name. @throws AlteredError */
export async function findIssuer(
  database: Database,
  name: string,
  session?: ClientSession,
): Promise<Issuer | undefined> {
  const document = await issuers.findById(database, name, session);
  return document && toIssuer(document);
}

/** The issuer whose tokens have exactly this `iss`; none that was removed, and is back. @throws AlteredError */
export async function findIssuerByUrl(database: Database, issuerUrl: string): Promise<Issuer | undefined> {
  const document = issuers.read(database, await issuers.findOne(database, { issuerUrl }));
  if (document === undefined) return undefined;
  const removed = await findRemoved(database, [document._id]);
  return removed.has(document._id) ? undefined : toIssuer(document);
}

/** One page of issuers by name, and one more when there is a further page. @throws AlteredError */
export async function listIssuers(database: Database, page: Page): Promise<Issuer[]> {
  const filter = page.after === undefined ? {} : { _id: { $gt: page.after } };
  const documents = await issuers.find(database, filter, { sort: { _id: 1 }, limit: page.limit + 1 });
  return issuers.readAll(database, documents).map(toIssuer);
}

/** Every issuer, by name, as the session sees them. @throws AlteredError where one is altered, is gone or is back */
export async function listAllIssuers(database: Database, session: ClientSession): Promise<Issuer[]> {
  return (await issuers.whole(database, session, 'refuse')).map(toIssuer);
}

/** Stores a new issuer. Throws a duplicate key error when its name or URL is taken. */
export async function insertIssuer(
  database: Database,
  issuer: Issuer,
  session: ClientSession,
): Promise<void> {
  const document = toDocument(issuer);
  await issuers.insert(database, session, document, { issuerUrl: document.issuerUrl });
}

/** Stores an issuer in the place of the one of its name. Throws a duplicate key error when its URL is taken. */
export async function replaceIssuer(
  database: Database,
  issuer: Issuer,
  session: ClientSession,
): Promise<void> {
  await issuers.replace(database, session, toDocument(issuer));
}

/** Removes the issuer of this name. */
export async function deleteIssuer(database: Database, name: string, session: ClientSession): Promise<void> {
  await issuers.remove(database, session, name);
}

function toIssuer(document: IssuerDocument): Issuer {
  const { issuerUrl, gatewayAudiences, controlPlaneAudiences, groupsClaim, algorithms } = document;
  const { groupNames = [], serviceClients = [], binding = 'UNSPECIFIED' } = document;
  return create(IssuerSchema, {
    name: document._id,
    spec: {
      issuerUrl,
      gatewayAudiences,
      controlPlaneAudiences,
      groupsClaim,
      algorithms,
      groupNames: Object.fromEntries(groupNames.map(({ id, name }) => [id, name])),
      serviceClients,
      binding: Binding[binding],
    },
    etag: document.etag,
    createTime: timestampFromDate(document.createTime),
    updateTime: timestampFromDate(document.updateTime),
  });
}

function toDocument(issuer: Issuer): IssuerDocument {
  const { spec, createTime, updateTime } = issuer;
  if (spec === undefined || createTime === undefined || updateTime === undefined) {
    throw new TypeError('an issuer to store has a spec and times');
  }
  return {
    _id: issuer.name,
    issuerUrl: spec.issuerUrl,
    gatewayAudiences: spec.gatewayAudiences,
    controlPlaneAudiences: spec.controlPlaneAudiences,
    groupsClaim: spec.groupsClaim,
    algorithms: spec.algorithms,
    groupNames: Object.entries(spec.groupNames).map(([id, name]) => ({ id, name })),
    serviceClients: spec.serviceClients,
    ...(spec.binding !== Binding.UNSPECIFIED && { binding: nameOf(spec.binding) }),
    etag: issuer.etag,
    createTime: timestampDate(createTime),
    updateTime: timestampDate(updateTime),
  };
}

function nameOf(binding: Binding): NonNullable<IssuerDocument['binding']> {
  switch (binding) {
    case Binding.DPOP:
      return 'DPOP';
    case Binding.MTLS:
      return 'MTLS';
    case Binding.ANY:
      return 'ANY';
    default:
      throw new TypeError(`an issuer to store has a binding that is known, not ${binding}`);
  }
}
