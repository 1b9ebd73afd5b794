import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { formatMoney } from '#core/limit/money.ts';
import { AuditService, ListExchangesResponseSchema } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { callerName, countsText, shortName } from '../../output/names.ts';
import type { Column } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';
import { type FilterOptions, readFilter, withFilter } from './filter.ts';
import { decisionText, outcomeText } from './render.ts';

const COLUMNS: readonly Column<Exchange>[] = [
  { title: 'EXCHANGE', cell: ({ name }) => shortName(name), whole: true },
  { title: 'BEGAN', cell: ({ startTime }) => formatTime(startTime), whole: true },
  { title: 'CALLER', cell: ({ caller }) => callerName(caller) || 'not verified' },
  { title: 'MODEL', cell: ({ model }) => model, spare: true },
  { title: 'DECISION', cell: ({ decision }) => decisionText(decision) },
  { title: 'OUTCOME', cell: outcomeCell, whole: true },
  { title: 'MASKED', cell: ({ responseFindings }) => countsText(responseFindings), spare: true },
  {
    title: 'COST',
    cell: ({ costMicros }) => (costMicros === undefined ? '' : formatMoney(costMicros)),
    spare: true,
  },
  { title: 'ROUTE', cell: ({ route }) => route, spare: true },
];

/** `sworn audit exchanges`. */
export function createExchangesCommand(): Command {
  const command = new Command('exchanges')
    .summary('list exchanges, newest first')
    .description(
      'Lists exchanges, newest first, without content: each one request to a provider and its answer.',
    )
    .action((options: PageOptions & FilterOptions, self: Command) =>
      invoke(self, (invocation) => list(invocation, options)),
    );
  return withExamples(
    withPages(withFilter(command)),
    ['sworn audit exchanges --status refused --since 7d', 'what was refused this week'],
    ['sworn audit exchanges --caller ana@example.org', "one caller's"],
  );
}

function outcomeCell({ outcome, erasure }: Exchange): string {
  return `${outcomeText(outcome) || 'running'}${erasure === undefined ? '' : ', content erased'}`;
}

async function list(invocation: Invocation, options: PageOptions & FilterOptions): Promise<void> {
  const { client, output } = invocation;
  const filter = await readFilter(invocation, options);
  const service = client(AuditService);
  const { items: exchanges, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listExchanges({ ...page, filter });
    return { items: response.exchanges, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListExchangesResponseSchema,
    message: create(ListExchangesResponseSchema, { exchanges, nextPageToken }),
    columns: COLUMNS,
    rows: exchanges,
    nextPageToken,
    none: 'no exchanges',
  });
}
