import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Command } from 'commander';
import { AuditService, ListSessionsResponseSchema } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import type { Session } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { SessionCertainty, SessionSourceSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { parseGiven, parseTime, withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { callerName, enumWord, shortName } from '../../output/names.ts';
import type { Column } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';

interface SessionsOptions extends PageOptions {
  readonly caller?: string;
  readonly named?: string;
  readonly since?: Date;
  readonly until?: Date;
}

const COLUMNS: readonly Column<Session>[] = [
  { title: 'SESSION', cell: ({ name }) => shortName(name), whole: true },
  { title: 'CALLER', cell: ({ caller }) => callerName(caller) },
  { title: 'EXCHANGES', cell: ({ exchangeCount }) => String(exchangeCount) },
  { title: 'REFUSED', cell: ({ refusedCount }) => String(refusedCount) },
  { title: 'MODELS', cell: ({ models }) => models.join(', '), spare: true },
  { title: 'FOUND BY', cell: foundBy, spare: true },
  { title: 'TRACES', cell: ({ traces }) => traces.join(', '), spare: true },
  { title: 'BEGAN', cell: ({ startTime }) => formatTime(startTime), whole: true, spare: true },
  { title: 'LAST', cell: ({ updateTime }) => formatTime(updateTime), whole: true },
];

/** What put its exchanges together; nothing for a single one. */
function foundBy({ sources, certainty }: Session): string {
  const words = sources.map((source) => enumWord(SessionSourceSchema, source)).join(', ');
  return certainty === SessionCertainty.INFERRED ? `${words}; partly likely` : words;
}

/** `sworn audit sessions`. */
export function createSessionsCommand(): Command {
  const command = new Command('sessions')
    .summary('list sessions, newest first')
    .description('Lists sessions, newest first: the exchanges of one agent run or conversation.')
    .option('--caller <who>', 'of this caller: subject or e-mail', parseGiven)
    .option('--named <name>', 'that the application named so, with X-Sworn-Session', parseGiven)
    .option('--since <time>', 'begun at or after: 2026-03-01T09:30:00Z, or 24h for a day ago', parseTime)
    .option('--until <time>', 'begun before', parseTime)
    .action((options: SessionsOptions, self: Command) =>
      invoke(self, (invocation) => list(invocation, options)),
    );
  return withExamples(
    withPages(command),
    ['sworn audit sessions --since 24h', "the last day's"],
    ['sworn audit sessions --named visit-4711', 'what the application calls visit-4711'],
  );
}

async function list({ client, output }: Invocation, options: SessionsOptions): Promise<void> {
  const service = client(AuditService);
  const filter = {
    caller: options.caller ?? '',
    named: options.named ?? '',
    ...(options.since === undefined ? {} : { since: timestampFromDate(options.since) }),
    ...(options.until === undefined ? {} : { until: timestampFromDate(options.until) }),
  };
  const { items: sessions, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listSessions({ ...page, ...filter });
    return { items: response.sessions, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListSessionsResponseSchema,
    message: create(ListSessionsResponseSchema, { sessions, nextPageToken }),
    columns: COLUMNS,
    rows: sessions,
    nextPageToken,
    none: 'no sessions',
  });
}
