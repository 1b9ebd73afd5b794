import { create } from '@bufbuild/protobuf';
import { type FieldMask, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import { readEndpoint } from '#core/endpoint/read.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { type Issuer, IssuerSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { checkEtag } from '../api/etag.ts';
import { fail } from '../api/fail.ts';
import { applyMask } from '../api/update-mask.ts';
import { checkResource } from '../api/validation.ts';
import { configurationOf } from '../audit/configuration.ts';
import type { Context } from '../context.ts';
import { applyChange } from '../distribution/change.ts';
import {
  deleteIssuer,
  findIssuer,
  findIssuerByUrl,
  insertIssuer,
  replaceIssuer,
} from '../storage/configuration/issuers.ts';
import { isDuplicateKey } from '../storage/database.ts';
import { ifAltered } from '../storage/sealing/altered.ts';

/**
 * Trusts a new issuer `issuers/{id}`.
 * @throws ConnectError INVALID_ARGUMENT, ALREADY_EXISTS
 */
export async function createIssuer(
  context: Context,
  caller: Caller | undefined,
  id: string,
  wanted: Issuer,
): Promise<Issuer> {
  const name = `issuers/${id}`;
  const now = timestampFromDate(context.now());
  checkIssuerUrl(wanted);
  const issuer = create(IssuerSchema, { ...wanted, name, etag: uuidv7(), createTime: now, updateTime: now });
  const configuration = configurationOf(IssuerSchema, issuer);
  const change = { caller, action: 'issuer.create' as const, resource: name, configuration };
  await orAlreadyExists(
    context,
    name,
    issuer.spec?.issuerUrl,
    applyChange(context, change, (session) => insertIssuer(context.database, issuer, session)),
  );
  return issuer;
}

/**
 * Changes an issuer.
 * @throws ConnectError NOT_FOUND, ETAG_MISMATCH, INVALID_UPDATE_MASK, INVALID_ARGUMENT, ALREADY_EXISTS
 */
export function updateIssuer(
  context: Context,
  caller: Caller | undefined,
  update: Issuer,
  mask: FieldMask | undefined,
): Promise<Issuer> {
  const { name } = update;
  const change = (issuer: Issuer) => {
    const configuration = configurationOf(IssuerSchema, issuer);
    return { caller, action: 'issuer.update' as const, resource: name, configuration };
  };
  return orAlreadyExists(
    context,
    name,
    update.spec?.issuerUrl,
    applyChange(context, change, async (session) => {
      const current = await findIssuer(context.database, name, session);
      if (current === undefined) throw notFound(name);
      checkEtag(update.etag, current);
      const merged = applyMask(IssuerSchema, current, update, mask);
      checkResource(IssuerSchema, merged, 'issuer');
      checkIssuerUrl(merged);
      const updateTime = timestampFromDate(context.now());
      const issuer = create(IssuerSchema, { ...merged, etag: uuidv7(), updateTime });
      await replaceIssuer(context.database, issuer, session);
      return issuer;
    }),
  );
}

/**
 * Ends the trust in an issuer.
 * @param etag where not empty, must be current
 * @throws ConnectError NOT_FOUND, ETAG_MISMATCH, LOCKS_OUT of the caller's own
 */
export async function removeIssuer(
  context: Context,
  caller: Caller,
  name: string,
  etag: string,
): Promise<void> {
  const change = (issuer: Issuer) => {
    const configuration = configurationOf(IssuerSchema, issuer, { removed: true });
    return { caller, action: 'issuer.delete' as const, resource: name, configuration };
  };
  await applyChange(context, change, async (session) => {
    const current = await ifAltered(findIssuer(context.database, name, session), () =>
      create(IssuerSchema, { name, etag }),
    );
    if (current === undefined) throw notFound(name);
    checkEtag(etag, current);
    if (current.spec?.issuerUrl === caller.issuer) {
      throw fail(Reason.LOCKS_OUT, `${name} is the issuer that you are signed in through`, { name });
    }
    await deleteIssuer(context.database, name, session);
    return current;
  });
}

/** The URL is stored as it is written: `iss` is compared with it as a string. */
function checkIssuerUrl(issuer: Issuer): void {
  const endpoint = readEndpoint(issuer.spec?.issuerUrl ?? '');
  if (!('fault' in endpoint)) return;
  const field = 'issuer.spec.issuer_url';
  throw fail(Reason.INVALID_ARGUMENT, `${field} ${endpoint.fault}`, { [field]: endpoint.fault });
}

/** Names the issuer that is in the way, which is another one where only the URL is the same. */
async function orAlreadyExists<T>(
  { database }: Context,
  name: string,
  issuerUrl: string | undefined,
  change: Promise<T>,
): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    const other = issuerUrl && (await findIssuerByUrl(database, issuerUrl));
    if (!other || other.name === name) throw fail(Reason.ALREADY_EXISTS, `${name} exists`, { name });
    const message = `${issuerUrl} is the URL of ${other.name} already; update that one, or delete it first`;
    throw fail(Reason.ALREADY_EXISTS, message, { name: other.name });
  }
}

function notFound(name: string) {
  return fail(Reason.NOT_FOUND, `there is no ${name}`, { name });
}
