/** What a session is called by. */
export type SessionKind = 'header' | 'group' | 'trace' | 'conversation' | 'other';

/** Planes put the first eight hexadecimal digits of a digest of the caller behind the application's name. */
const HEADER_NAME = /^sessions\/.+-[0-9a-f]{8}$/;
const KEY_NAME = /^sessions\/(group|trace|conversation)-[0-9a-f]{32}$/;

/** The session of a trace, by the digest of its key (16 bytes). */
export function traceSession(key: Uint8Array): string {
  return `sessions/trace-${Buffer.from(key).toString('hex')}`;
}

/** The session of the traces of a group, by the digest of its key (16 bytes). */
export function groupSession(key: Uint8Array): string {
  return `sessions/group-${Buffer.from(key).toString('hex')}`;
}

/** What a session's name says of it. A name of one kind cannot have the form of another: their ends differ. */
export function kindOfSession(name: string): SessionKind {
  const [, kind] = KEY_NAME.exec(name) ?? [];
  if (kind !== undefined) return kind as SessionKind;
  return HEADER_NAME.test(name) ? 'header' : 'other';
}

/** Exchanges that move to another session in one step at most: of two larger sessions each stays. */
export const MAX_MOVED_EXCHANGES = 5_000;

const ORDER: readonly SessionKind[] = ['header', 'group', 'trace', 'conversation', 'other'];

/**
 * Which of two sessions that turn out to be one gives it its name: the more telling kind, and of one kind the first by
 * name, so that the order in which it is found out changes nothing. Negative when it is `left`.
 */
export function compareSessions(left: string, right: string): number {
  const byKind = ORDER.indexOf(kindOfSession(left)) - ORDER.indexOf(kindOfSession(right));
  if (byKind !== 0) return byKind;
  return left < right ? -1 : Number(left > right);
}
