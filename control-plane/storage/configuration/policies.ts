import { create, fromJson, type JsonObject, toJson } from '@bufbuild/protobuf';
import { timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Long } from 'mongodb';
import { type Policy, PolicySchema, PolicySpecSchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import type { ClientSession, Database } from '../database.ts';
import type { Page } from '../keyset.ts';
import { sealedCollection } from '../sealing/sealed.ts';

interface PolicyDocument {
  readonly _id: string;
  readonly spec: JsonObject;
  readonly etag: string;
  readonly revision?: Long | number;
  readonly createTime: Date;
  readonly updateTime: Date;
}

const policies = sealedCollection<PolicyDocument>('policies', {});

/** The policy of this name. @throws AlteredError */
export async function findPolicy(
  database: Database,
  name: string,
  session?: ClientSession,
): Promise<Policy | undefined> {
  const document = await policies.findById(database, name, session);
  return document && toPolicy(document);
}

/** One page of policies by name, and one more when there is a further page. @throws AlteredError */
export async function listPolicies(database: Database, page: Page): Promise<Policy[]> {
  const filter = page.after === undefined ? {} : { _id: { $gt: page.after } };
  const documents = await policies.find(database, filter, { sort: { _id: 1 }, limit: page.limit + 1 });
  return policies.readAll(database, documents).map(toPolicy);
}

/**
 * Every policy, by name, as the session sees them.
 * @param faulty what is done about those that are altered, are gone or are back; AlteredError to refuse
 */
export async function listAllPolicies(
  database: Database,
  session?: ClientSession,
  faulty: 'skip' | 'refuse' = 'skip',
): Promise<Policy[]> {
  const read = (within: ClientSession) => policies.whole(database, within, faulty);
  const documents = await (session === undefined ? database.transaction(read) : read(session));
  return documents.map(toPolicy);
}

/** Stores a new policy. Throws a duplicate key error when its name is taken. */
export async function insertPolicy(
  database: Database,
  policy: Policy,
  session: ClientSession,
): Promise<void> {
  await policies.insert(database, session, toDocument(policy));
}

/** Stores a policy in the place of the one of its name. */
export async function replacePolicy(
  database: Database,
  policy: Policy,
  session: ClientSession,
): Promise<void> {
  await policies.replace(database, session, toDocument(policy));
}

/** Removes the policy of this name. */
export async function deletePolicy(database: Database, name: string, session: ClientSession): Promise<void> {
  await policies.remove(database, session, name);
}

function toPolicy(document: PolicyDocument): Policy {
  return create(PolicySchema, {
    name: document._id,
    spec: fromJson(PolicySpecSchema, document.spec),
    etag: document.etag,
    revision: BigInt(document.revision?.toString() ?? 0),
    createTime: timestampFromDate(document.createTime),
    updateTime: timestampFromDate(document.updateTime),
  });
}

function toDocument({ name, spec, etag, createTime, updateTime, revision }: Policy): PolicyDocument {
  if (spec === undefined || createTime === undefined || updateTime === undefined) {
    throw new TypeError('a policy to store has a spec and times');
  }
  return {
    _id: name,
    spec: toJson(PolicySpecSchema, spec) as JsonObject,
    etag,
    revision: Long.fromBigInt(revision),
    createTime: timestampDate(createTime),
    updateTime: timestampDate(updateTime),
  };
}
