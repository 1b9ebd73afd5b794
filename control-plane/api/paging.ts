import { createHash, timingSafeEqual } from 'node:crypto';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Page } from '../storage/keyset.ts';
import { fail } from './fail.ts';

const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 1_000;
const SCOPE_DIGEST_BYTES = 12;

/**
 * Reads the paging fields of a list request (AIP-158): 50 when no size is asked for, never more than 1,000.
 *
 * @param scope The query without its paging fields, as a text: a token of another query is refused. The token is no
 *   authorization: check the caller's rights on every page.
 * @throws ConnectError INVALID_PAGE_TOKEN
 */
export function readPage(
  request: { readonly pageSize: number; readonly pageToken: string },
  scope: string,
): Page {
  const asked = request.pageSize > 0 ? request.pageSize : DEFAULT_PAGE_SIZE;
  const limit = Math.min(asked, MAX_PAGE_SIZE);
  return { limit, after: request.pageToken === '' ? undefined : readToken(request.pageToken, scope) };
}

/** The token of the page after the document with this sort key; empty (there is none) when `after` is undefined. */
export function pageToken(scope: string, after: string | undefined): string {
  if (after === undefined) return '';
  return Buffer.concat([scopeDigest(scope), Buffer.from(after, 'utf8')]).toString('base64url');
}

function readToken(token: string, scope: string): string {
  const bytes = Buffer.from(token, 'base64url');
  const isOurs =
    bytes.length > SCOPE_DIGEST_BYTES &&
    bytes.toString('base64url') === token &&
    timingSafeEqual(bytes.subarray(0, SCOPE_DIGEST_BYTES), scopeDigest(scope));
  if (!isOurs) {
    throw fail(Reason.INVALID_PAGE_TOKEN, 'the page token was not made for this query; start without one');
  }
  return bytes.subarray(SCOPE_DIGEST_BYTES).toString('utf8');
}

function scopeDigest(scope: string): Buffer {
  return createHash('sha256').update(scope, 'utf8').digest().subarray(0, SCOPE_DIGEST_BYTES);
}
