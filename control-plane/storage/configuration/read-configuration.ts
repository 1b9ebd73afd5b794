import type { ClientSession, Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import type { WriterEpoch } from '../record/writers.ts';
import { RECEIVED_FIELDS, type StoredRecord } from '../sealing/record-mac.ts';
import { addChange, CHANGES, type RecordedChanges, readRecordedChanges } from './configuration-changes.ts';

/** What was read of the record of configuration, and how far. */
export interface ReadConfiguration {
  /** By the names of documents. */
  readonly changes: ReadonlyMap<string, RecordedChanges>;
  /** How far, by writer: not by times, which clocks that differ, and transactions that take long, would mix up. */
  readonly seqs: ReadonlyMap<string, bigint>;
  /** Revocations that have ended by themselves, which they stay. */
  readonly ended: ReadonlySet<string>;
}

/** Control planes alone record changes of configuration. */
const WRITERS = { $gte: 'control-plane/', $lt: 'control-plane0' };

/**
 * Reads on from where one has read before: the records that came since. Everything where nothing was read before, or where
 * the database has less than was read.
 */
export async function readOn(
  database: Database,
  session: ClientSession,
  before: ReadConfiguration | undefined,
): Promise<ReadConfiguration> {
  const writers = await database.db
    .collection('writers', PLAIN_TYPES)
    .find({ plane: WRITERS }, { session })
    .project<WriterEpoch & { readonly seq: bigint }>({ _id: 0, plane: 1, epoch: 1, seq: 1 })
    .toArray();
  const seqs = new Map(writers.map((writer) => [nameOf(writer), writer.seq]));
  const isLess = before !== undefined && [...before.seqs].some(([name, seq]) => (seqs.get(name) ?? 0n) < seq);
  if (before === undefined || isLess) {
    return { changes: await readRecordedChanges(database, session), seqs, ended: new Set() };
  }
  const changes = new Map(before.changes);
  for (const writer of writers) {
    const last = before.seqs.get(nameOf(writer)) ?? 0n;
    if (writer.seq === last) continue;
    const { plane, epoch, seq } = writer;
    const came = database.db
      .collection('records', PLAIN_TYPES)
      .find(
        { plane, epoch, seq: { $gt: last, $lte: seq }, action: { $in: CHANGES } },
        { session, hint: 'plane_epoch_seq' },
      )
      .project<StoredRecord>(RECEIVED_FIELDS);
    for await (const document of came) addChange(database, changes, document);
  }
  return { changes, seqs, ended: before.ended };
}

function nameOf({ plane, epoch }: WriterEpoch): string {
  return `${plane}/epochs/${epoch}`;
}
