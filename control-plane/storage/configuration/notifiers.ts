import type { Filter } from 'mongodb';
import type { ClientSession, Database } from '../database.ts';
import type { Page } from '../keyset.ts';
import { sealedCollection } from '../sealing/sealed.ts';

/** A notifier as it is stored. */
export interface NotifierDocument {
  /** `notifiers/{id}`. */
  readonly _id: string;
  readonly kind: 'webhook' | 'slack' | 'email';
  /** The URL of a webhook, the host of Slack's; empty for e-mail. */
  readonly place: string;
  /** The addresses of e-mail; empty for others. */
  readonly to: readonly string[];
  /** Empty for all. */
  readonly events: readonly string[];
  /** Empty for all. */
  readonly groups: readonly string[];
  /** As the seal wrote it; absent for e-mail, like the next. */
  readonly sealedSecret?: Uint8Array;
  readonly secretTime?: Date;
  readonly etag: string;
  readonly createTime: Date;
  readonly updateTime: Date;
}

const notifiers = sealedCollection<NotifierDocument>('notifiers');

/** The notifier of this name. @throws AlteredError */
export async function findNotifier(
  database: Database,
  name: string,
  session?: ClientSession,
): Promise<NotifierDocument | undefined> {
  const found = await notifiers.findOne(database, { _id: name }, { ...(session && { session }) });
  return notifiers.read(database, found);
}

/** The notifiers that want to be told of any of this, as the session sees them; one that was altered is told nothing. */
export async function findNotifiersOf(
  database: Database,
  session: ClientSession,
  topics: readonly string[],
): Promise<NotifierDocument[]> {
  const filter: Filter<NotifierDocument> = {
    $or: [{ events: { $in: [...topics] } }, { events: { $size: 0 } }],
  };
  const found = await notifiers.find(database, filter, { session, sort: { _id: 1 } });
  return notifiers.keep(database, found);
}

/** How many there are. */
export function countNotifiers(database: Database, session: ClientSession): Promise<number> {
  return notifiers.of(database).countDocuments({}, { session });
}

/** One page of notifiers by name, and one more when there is a further page. @throws AlteredError */
export async function listNotifiers(database: Database, page: Page): Promise<NotifierDocument[]> {
  const filter: Filter<NotifierDocument> = page.after === undefined ? {} : { _id: { $gt: page.after } };
  const found = await notifiers.find(database, filter, { sort: { _id: 1 }, limit: page.limit + 1 });
  return notifiers.readAll(database, found);
}

/** Stores a new notifier. Throws a duplicate key error when its name is taken. */
export async function insertNotifier(
  database: Database,
  session: ClientSession,
  document: NotifierDocument,
): Promise<void> {
  await notifiers.insert(database, session, document);
}

/** Stores a notifier in the place of the one of its name. */
export async function replaceNotifier(
  database: Database,
  session: ClientSession,
  document: NotifierDocument,
): Promise<void> {
  await notifiers.replace(database, session, document);
}

/** Removes the notifier of this name and its secret. */
export async function deleteNotifier(
  database: Database,
  session: ClientSession,
  name: string,
): Promise<void> {
  await notifiers.remove(database, session, name);
}
