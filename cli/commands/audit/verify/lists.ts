import { fromBinary } from '@bufbuild/protobuf';
import { AlarmListCheck } from '#core/evidence/lists/alarms.ts';
import { ApartCheck } from '#core/evidence/lists/apart.ts';
import { ExchangeListCheck } from '#core/evidence/lists/exchanges.ts';
import { JoinCheck } from '#core/evidence/lists/joins.ts';
import { SessionListCheck } from '#core/evidence/lists/sessions.ts';
import type { FaultList } from '#core/evidence/verify/fault.ts';
import type { RecordItem } from '#core/evidence/verify/item.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import type { Exchange, Session } from '#proto/sworn/audit/v1/exchange_pb.ts';
import type { Alarm } from '#proto/sworn/audit/v1/gap_pb.ts';
import { RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Invocation } from '../../../invocation.ts';

/** As many as a page may have. */
const PAGE_SIZE = 1_000;
/** As many alarms as are listed at most. */
const MAX_ALARMS = 10_000;

/** Compares what the control plane lists with its records. */
export interface ListsCheck {
  /** Takes a record of the log, one after the other, and says where it is listed by something else than it says. */
  addRecord(item: RecordItem, faults: FaultList): void;
  /** Reads the lists again, and says what is wrong. */
  finish(faults: FaultList): Promise<void>;
}

/**
 * Reads the lists of exchanges, sessions and alarms; call it before the evidence is asked for, which then has all records
 * that these lists are from.
 */
export async function readLists(invocation: Invocation): Promise<ListsCheck> {
  const exchanges = new ExchangeListCheck();
  const joins = new JoinCheck();
  const apart = new ApartCheck();
  const sessions = new SessionListCheck();
  const alarms = new AlarmListCheck();
  for await (const session of listSessions(invocation)) sessions.addListed(session);
  for await (const exchange of listExchanges(invocation)) {
    exchanges.addListed(exchange);
    joins.addListed(exchange);
    apart.addListed(exchange);
    sessions.addExchange(exchange);
  }
  for await (const session of listSessions(invocation)) sessions.addListedAgain(session);
  for (const alarm of await listAlarms(invocation)) alarms.addListed(alarm);
  return {
    addRecord({ index, bytes, misfiled = [], receivedMs }, faults) {
      try {
        const record = fromBinary(RecordSchema, bytes);
        const { plane, epoch, seq } = record;
        const place = { index, plane, epoch, seq };
        exchanges.addRecord(record, place);
        joins.addRecord(record, place);
        apart.addRecord(record, place, receivedMs);
        alarms.addRecord(record, place);
        if (misfiled.length === 0) return;
        faults.add('list_contradicted', `the record is listed with another ${misfiled.join(', ')}`, place);
      } catch {
        // The verifier says so.
      }
    },
    async finish(faults) {
      sessions.finish(faults);
      joins.finish(faults);
      const open = exchanges.open();
      const after = await findListed(invocation, new Set([...open, ...apart.open()]));
      exchanges.finish(open, after, faults);
      apart.finish(after, faults);
      const listed = await listAlarms(invocation);
      if (listed.length < MAX_ALARMS) alarms.finish(listed, faults);
    },
  };
}

/** Those of these exchanges that are listed now. Most are among the newest. */
async function findListed(
  invocation: Invocation,
  names: ReadonlySet<string>,
): Promise<Map<string, Exchange>> {
  const found = new Map<string, Exchange>();
  if (names.size === 0) return found;
  for await (const exchange of listExchanges(invocation)) {
    if (names.has(exchange.name)) found.set(exchange.name, exchange);
    if (found.size === names.size) break;
  }
  return found;
}

async function* listExchanges(invocation: Invocation): AsyncGenerator<Exchange> {
  let pageToken = '';
  do {
    const page = await invocation.client(AuditService).listExchanges({ pageSize: PAGE_SIZE, pageToken });
    yield* page.exchanges;
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
}

async function* listSessions(invocation: Invocation): AsyncGenerator<Session> {
  let pageToken = '';
  do {
    const page = await invocation.client(AuditService).listSessions({ pageSize: PAGE_SIZE, pageToken });
    yield* page.sessions;
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
}

async function listAlarms(invocation: Invocation): Promise<readonly Alarm[]> {
  return (await invocation.client(AuditService).listGaps({})).alarms;
}
