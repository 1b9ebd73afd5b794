import { type Record, SessionCertainty } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Context } from '../context.ts';
import { noteJoined } from '../identity/revocation.ts';
import type { ClientSession } from '../storage/database.ts';
import { type ExchangeDocument, moveExchanges, readExchanges } from '../storage/record/exchanges.ts';
import { moveNames, readLinks, type SessionLink, writeLinks } from '../storage/record/session-links.ts';
import { countExchanges, moveSessions } from '../storage/record/sessions.ts';
import { Places } from './places.ts';
import { applyMark, linkIds, Stitch } from './stitch.ts';

const { INFERRED } = SessionCertainty;

/** Exchanges that are written in one batch because their session became part of another one. */
const MAX_WRITTEN = 10_000;

type Documents = Map<string, ExchangeDocument>;

/**
 * Finds the session of each exchange of a batch, joins sessions that turn out to be one, and writes all of that but the
 * exchanges themselves.
 *
 * @param before the exchanges of the batch as they are stored
 * @param projected the same as their records tell them, with sessions as recorded
 * @returns both with the sessions that they are in now, and with further exchanges of which something became known
 */
export async function stitchBatch(
  context: Context,
  session: ClientSession,
  records: readonly Record[],
  before: ReadonlyMap<string, ExchangeDocument>,
  projected: ReadonlyMap<string, ExchangeDocument>,
): Promise<{ readonly before: Documents; readonly after: Documents }> {
  const { database, logger } = context;
  const ids = [...new Set(records.flatMap(linkIds))];
  const links = ids.length === 0 ? new Map() : await readLinks(database, session, ids);
  const sizes = await countExchanges(database, session, sessionsOf(ids, links, before));
  const places = new Places(links, sizes, records.length > 1);
  const after: Documents = new Map();
  for (const [name, document] of projected) after.set(name, keepPlace(places, before.get(name), document));
  const stitch = new Stitch(places, after, context.now());
  for (const record of records) stitch.add(record);
  const marked = await readExchanges(database, session, [...stitch.marks.keys()]);
  for (const [name, document] of marked) {
    const mark = stitch.marks.get(name);
    if (mark !== undefined) after.set(name, applyMark(document, mark));
  }
  const { moves } = places;
  if (moves.size > 0) {
    await moveNames(database, session, moves);
    await moveSessions(database, session, moves);
    const moved = await moveExchanges(database, session, moves, MAX_WRITTEN);
    if (moved > MAX_WRITTEN)
      logger.error({ event: 'stitch_limit' }, 'more exchanges than can be joined at once');
  }
  await writeLinks(database, session, places.changed);
  if (moves.size > 0) await noteJoined(context, session, new Set(moves.values()));
  return { before: resolveAll(places, [...before, ...marked]), after: resolveAll(places, after) };
}

/** Every session that may be joined to another one in this batch. */
function sessionsOf(
  ids: readonly string[],
  links: ReadonlyMap<string, SessionLink>,
  before: ReadonlyMap<string, ExchangeDocument>,
): string[] {
  const names = ids.filter((id) => id.startsWith('sessions/'));
  const led = Array.from(links.values(), ({ session }) => session);
  return [...new Set([...names, ...led, ...Array.from(before.values(), ({ session }) => session)])];
}

/** A new record does not undo what was joined. */
function keepPlace(
  places: Places,
  previous: ExchangeDocument | undefined,
  document: ExchangeDocument,
): ExchangeDocument {
  const recorded = document.session;
  if (recorded === '' || previous === document) return document;
  const { joined, traces, sessions = [] } = previous ?? {};
  const isSame = sessions.includes(recorded);
  const session = isSame && previous !== undefined ? previous.session : places.resolve(recorded);
  return {
    ...document,
    session,
    sessions: [...new Set([...sessions, recorded, session])],
    ...(joined === undefined ? {} : { joined }),
    ...(traces === undefined ? {} : { traces }),
  };
}

function resolveAll(places: Places, documents: Iterable<[string, ExchangeDocument]>): Documents {
  const resolved: Documents = new Map();
  for (const [name, document] of documents) {
    const session = places.resolve(document.session);
    const sessions = [
      ...new Set([...document.sessions, ...document.sessions.map((one) => places.resolve(one))]),
    ];
    const { joined } = document;
    const isInferred = joined === undefined ? document.isInferred : joined.certainty === INFERRED;
    resolved.set(name, { ...document, session, sessions, isInferred });
  }
  return resolved;
}
