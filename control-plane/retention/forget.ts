import { fromBinary } from '@bufbuild/protobuf';
import { ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import type { Context } from '../context.ts';
import {
  type ForgottenSessionDocument,
  MAX_FORGOTTEN_SESSIONS,
  noteForgotten,
} from '../storage/configuration/forgotten-sessions.ts';
import { bumpHead, readSnapshotHead } from '../storage/configuration/heads.ts';
import type { ClientSession } from '../storage/database.ts';
import type { ExchangeDocument } from '../storage/record/exchanges.ts';

/**
 * Has all planes forget what tokens stand for in the sessions of exchanges that are erased, in the transaction of the erasure.
 * Exchanges without tokens are no reason to.
 */
export async function forgetSessions(
  { database, now }: Context,
  session: ClientSession,
  erased: readonly ExchangeDocument[],
): Promise<void> {
  // By the names that planes gave them, and by those that they were joined to.
  const names = new Set(erased.filter(hasTokens).flatMap(({ sessions }) => sessions));
  if (names.size === 0) return;
  await bumpHead(database, session, now(), true);
  const head = await readSnapshotHead(database, session);
  await noteForgotten(database, session, [...names], head?.revision ?? 0n);
}

/**
 * What a snapshot says of them.
 * @param documents the newest first
 */
export function viewForgotten(documents: readonly ForgottenSessionDocument[]) {
  const isFull = documents.length >= MAX_FORGOTTEN_SESSIONS;
  return {
    forgottenSessions: documents.map(({ _id: session, revision }) => ({ session, revision })),
    forgottenSince: isFull ? (documents.at(-1)?.revision ?? 0n) : 0n,
  };
}

function hasTokens({ view }: ExchangeDocument): boolean {
  return Object.keys(fromBinary(ExchangeSchema, view).tokenized).length > 0;
}
