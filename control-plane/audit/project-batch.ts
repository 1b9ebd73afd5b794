import { projectRecord } from '#core/evidence/exchange/project.ts';
import type { Context } from '../context.ts';
import { type LateContent, retain } from '../retention/retain.ts';
import { stitchBatch } from '../stitch/stitch-batch.ts';
import type { ClientSession } from '../storage/database.ts';
import { readExchanges, writeExchanges } from '../storage/record/exchanges.ts';
import type { RecordDocument } from '../storage/record/records.ts';
import { changeSessions } from '../storage/record/sessions.ts';
import type { BatchEntry } from './batch.ts';
import { fromDocument, sessionChanges, toDocument } from './projection-documents.ts';

/**
 * Brings exchanges and sessions up to date with new records.
 * @param late what was done with content of erased exchanges that these records brought
 */
export async function project(
  context: Context,
  session: ClientSession,
  entries: readonly BatchEntry[],
  documents: readonly RecordDocument[],
  late: LateContent,
): Promise<void> {
  const { database, logger } = context;
  const names = new Set(documents.map((document) => document.exchange).filter((name) => name !== ''));
  if (names.size === 0) return;
  const before = await readExchanges(database, session, [...names]);
  const after = new Map(before);
  entries.forEach((entry, index) => {
    const { record } = entry;
    const document = documents[index];
    if (document === undefined || record.exchange === '') return;
    const previous = after.get(record.exchange);
    const next = projectRecord(previous && fromDocument(previous), record, document._id);
    if (next === undefined) {
      const { plane, epoch, seq, exchange } = record;
      const event = 'foreign_exchange';
      logger.error({ event, plane, epoch: `${epoch}`, seq: `${seq}`, exchange }, 'exchange of another plane');
      return;
    }
    const retention = retain(context, previous, record, late, document.receiveTime);
    after.set(record.exchange, { ...toDocument(next), ...retention });
  });
  const changed = new Map([...after].filter(([name, document]) => before.get(name) !== document));
  const records = entries.map(({ record }) => record).filter(({ exchange }) => changed.has(exchange));
  const stitched = await stitchBatch(context, session, records, before, changed);
  await writeExchanges(database, session, [...stitched.after.values()]);
  await changeSessions(
    database,
    session,
    [...stitched.after.values()].flatMap((document) =>
      sessionChanges(stitched.before.get(document._id), document),
    ),
  );
}
