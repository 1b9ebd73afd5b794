import { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { EvidenceError } from '#core/evidence/error.ts';
import { HASH_BYTES } from '#core/evidence/merkle/hash.ts';
import { formatNoteKey } from '#core/evidence/note/key.ts';
import { parseTilePath } from '#core/evidence/tiles/path.ts';
import { type TileId, tileWidth } from '#core/evidence/tiles/tile.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { describeError } from '../../program/log.ts';
import { reasonOf } from '../api/fail.ts';
import { type NodeServerRequest, type NodeServerResponse, sendJson } from '../api/server.ts';
import type { Context } from '../context.ts';
import { createPersonAuthenticator } from '../identity/authenticate.ts';
import { isStoreUnavailable } from '../storage/database.ts';
import { findNewestCheckpoint } from '../storage/log/checkpoints.ts';
import { findTile } from '../storage/log/log-tiles.ts';
import { readBundle } from './entries.ts';
import type { Log } from './open.ts';

const PREFIX = '/log/';
/** What a path stands for never changes, once it is there (https://c2sp.org/tlog-tiles). */
const FOREVER = 'max-age=31536000, immutable';
const BEARER = /^Bearer +([^\s,]+)$/i;
const compress = promisify(gzip);

/** An answer with a body. */
interface Found {
  readonly type: string;
  readonly cache: string;
  readonly body: Uint8Array | string;
}

/** A request that gets no body but an error, in Connect's form as all others here. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * Serves the log read-only under `/log/` as https://c2sp.org/tlog-tiles has it, up to the newest checkpoint; returns
 * false for any other path. Entries name callers: they take an auditor's token unless the settings open them.
 */
export function createLogHandler(
  context: Context,
  log: Log,
): (request: NodeServerRequest, response: NodeServerResponse) => boolean {
  const find = createFinder(context, log);
  const answer = async (request: NodeServerRequest, response: NodeServerResponse): Promise<void> => {
    try {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.setHeader('allow', 'GET, HEAD');
        throw new Refusal(405, 'unimplemented', 'the log is only read');
      }
      await send(request, response, await find((request.url ?? '').slice(PREFIX.length), request));
    } catch (error) {
      refuse(context, response, error);
    }
  };
  return (request, response) => {
    if (!request.url?.startsWith(PREFIX)) return false;
    answer(request, response).catch(() => response.destroy());
    return true;
  };
}

type Find = (path: string, request: NodeServerRequest) => Promise<Found>;

function createFinder(context: Context, log: Log): Find {
  const { database, settings } = context;
  const authenticate = createPersonAuthenticator(context);
  let publishedSize = 0;

  const isPublished = async ({ level, index, width }: TileId): Promise<boolean> => {
    const isWithin = () => tileWidth(publishedSize, level, index) >= width;
    if (!isWithin()) publishedSize = (await findNewestCheckpoint(database))?.size ?? 0;
    return isWithin();
  };
  const findBundle = async ({ index, width }: TileId): Promise<Found> => {
    const body = await readBundle(database, index, width);
    if (body === undefined)
      throw new Refusal(500, 'data_loss', 'a record of this bundle is missing in the database');
    return {
      type: 'application/octet-stream',
      cache: `${settings.openLogEntries ? 'public' : 'private'}, ${FOREVER}`,
      body,
    };
  };

  return async (path, request) => {
    if (path === 'checkpoint') {
      const newest = await findNewestCheckpoint(database);
      if (newest === undefined) throw notFound();
      const body = `${newest.note}${newest.cosignatures.join('')}`;
      return { type: 'text/plain; charset=utf-8', cache: 'no-cache', body };
    }
    if (path === 'key') {
      return { type: 'text/plain; charset=utf-8', cache: 'no-cache', body: `${formatNoteKey(log.key)}\n` };
    }
    const id = readPath(path);
    if (id.level === 'entries' && !settings.openLogEntries) await requireAuditor(request, authenticate);
    if (!(await isPublished(id))) throw notFound();
    if (id.level === 'entries') return await findBundle(id);
    const bytes = (await findTile(database, id))?.subarray(0, id.width * HASH_BYTES);
    if (bytes?.length !== id.width * HASH_BYTES) throw new Refusal(500, 'data_loss', 'this tile is damaged');
    return { type: 'application/octet-stream', cache: `public, ${FOREVER}`, body: bytes };
  };
}

function readPath(path: string): TileId {
  try {
    return parseTilePath(path);
  } catch (error) {
    if (error instanceof EvidenceError) throw notFound();
    throw error;
  }
}

async function requireAuditor(
  request: NodeServerRequest,
  authenticate: ReturnType<typeof createPersonAuthenticator>,
): Promise<void> {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined)
    throw new Refusal(401, 'unauthenticated', 'entries take the bearer token of an auditor');
  const { roles } = await authenticate(token);
  if (!roles.has(Role.AUDITOR)) throw new Refusal(403, 'permission_denied', 'this takes the role auditor');
}

function notFound(): Refusal {
  return new Refusal(404, 'not_found', 'the log has no such resource, or not yet');
}

async function send(
  request: NodeServerRequest,
  response: NodeServerResponse,
  { type, cache, body }: Found,
): Promise<void> {
  const isBundle = request.url?.startsWith(`${PREFIX}tile/entries/`) === true;
  const isCompressed = isBundle && /\bgzip\b/.test(`${request.headers['accept-encoding'] ?? ''}`);
  const plain = typeof body === 'string' ? Buffer.from(body) : body;
  const bytes = isCompressed ? await compress(plain) : plain;
  const headers = {
    'content-type': type,
    'content-length': String(bytes.length),
    'cache-control': cache,
    ...(isBundle && { vary: 'accept-encoding, authorization' }),
    ...(isCompressed && { 'content-encoding': 'gzip' }),
  };
  const sent = request.method === 'HEAD' ? Buffer.alloc(0) : bytes;
  // The same methods twice: the two classes have no common type that can be called.
  if (response instanceof ServerResponse) response.writeHead(200, headers).end(sent);
  else response.writeHead(200, headers).end(sent);
}

function refuse(context: Context, response: NodeServerResponse, error: unknown): void {
  if (error instanceof Refusal) {
    if (error.status === 401) response.setHeader('www-authenticate', 'Bearer');
    sendJson(response, error.status, { code: error.code, message: error.message });
  } else if (reasonOf(error) === Reason.UNAUTHENTICATED) {
    response.setHeader('www-authenticate', 'Bearer');
    sendJson(response, 401, { code: 'unauthenticated', message: 'the token is not accepted' });
  } else if (isStoreUnavailable(error)) {
    sendJson(response, 503, { code: 'unavailable', message: 'the store does not answer; try again' });
  } else {
    context.logger.error({ event: 'log_not_served', ...describeError(error) }, 'a request of the log failed');
    sendJson(response, 500, { code: 'internal', message: "the control plane's log says more" });
  }
}
