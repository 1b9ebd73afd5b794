import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Command } from 'commander';
import {
  AuditService,
  ListRecordsResponseSchema,
  type StoredRecord,
} from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { RecordKindSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { parseGiven, parseTime, withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { callerName, enumWord, fullName, shortName } from '../../output/names.ts';
import type { Column } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';
import { resolveSession } from './named.ts';
import { decisionText, outcomeText } from './render.ts';

interface RecordsOptions extends PageOptions {
  readonly exchange?: string;
  readonly session?: string;
  readonly action?: string;
  readonly since?: Date;
}

const COLUMNS: readonly Column<StoredRecord>[] = [
  { title: 'TIME', cell: ({ record }) => formatTime(record?.time), whole: true },
  { title: 'KIND', cell: ({ record }) => enumWord(RecordKindSchema, record?.kind), whole: true },
  { title: 'WHAT', cell: what, wrap: true },
  { title: 'BY', cell: by },
  { title: 'EXCHANGE', cell: ({ record }) => shortName(record?.exchange ?? ''), whole: true },
  { title: 'WRITER', cell: ({ record }) => record?.plane ?? '', whole: true, spare: true },
  { title: 'EPOCH/SEQ', cell: ({ record }) => `${record?.epoch ?? ''}/${record?.seq ?? ''}`, spare: true },
  { title: 'DIGEST', cell: ({ digest }) => Buffer.from(digest).toString('hex').slice(0, 12), spare: true },
];

/** `sworn audit records`. */
export function createRecordsCommand(): Command {
  const command = new Command('records')
    .summary('list records as they were written')
    .description(
      'Lists the append-only records, oldest first. With --output json: with their exact bytes and digests.',
    )
    .option('--exchange <exchange>', 'of this exchange', parseGiven)
    .option(
      '--session <session>',
      'of this session: its id, or the name that the application gave it',
      parseGiven,
    )
    .option(
      '--action <action>',
      "of what was done: policy.update, 'policy.*', or '*' for everything",
      parseGiven,
    )
    .option('--since <time>', 'received at or after: 2026-03-01T09:30:00Z, or 24h for a day ago', parseTime)
    .action((options: RecordsOptions, self: Command) =>
      invoke(self, (invocation) => list(invocation, options)),
    );
  return withExamples(
    withPages(command),
    ['sworn audit records --session 0199f3c2', 'of one session'],
    ["sworn audit records --action 'policy.*' --since 30d", 'who changed policies this month'],
    ['sworn audit records --all --output json', 'everything, exact bytes included'],
  );
}

async function list(invocation: Invocation, options: RecordsOptions): Promise<void> {
  const { client, output } = invocation;
  const service = client(AuditService);
  const exchange = options.exchange === undefined ? '' : fullName('exchanges', options.exchange);
  const session = options.session === undefined ? '' : await resolveSession(invocation, options.session);
  const since = options.since === undefined ? {} : { since: timestampFromDate(options.since) };
  const filter = { exchange, session, action: options.action ?? '', ...since };
  const { items: records, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listRecords({ ...page, ...filter });
    return { items: response.records, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListRecordsResponseSchema,
    message: create(ListRecordsResponseSchema, { records, nextPageToken }),
    columns: COLUMNS,
    rows: records,
    nextPageToken,
    none: 'no records',
  });
}

/** `amy@example.org, ben@example.org`: the second is who approved, of a change that two made. */
function by({ record }: StoredRecord): string {
  const { caller, proposal } = record ?? {};
  const second = callerName(proposal?.decidedBy);
  return second === '' || second === callerName(caller)
    ? callerName(caller)
    : `${callerName(caller)}, ${second}`;
}

/** What the store finds by something else than it says, or what nobody wrote, is not to be taken for a record. */
function what(stored: StoredRecord): string {
  const { misfiled } = stored;
  const text = textOf(stored);
  return misfiled.length === 0 ? text : `ALTERED IN THE STORE (${misfiled.join(', ')}): ${text}`;
}

function textOf({ record }: StoredRecord): string {
  if (record === undefined) return '';
  const { configuration } = record;
  if (configuration !== undefined) return `${record.action} ${configuration.content || record.resource}`;
  if (record.action !== '') return `${record.action} ${record.resource}`;
  return outcomeText(record.outcome) || decisionText(record.decision) || record.approval;
}
