import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { formatMoney } from '#core/limit/money.ts';
import { formatDuration } from '#core/policy/duration.ts';
import { LimitScopeSchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { UsageUnit, UsageUnitSchema } from '#proto/sworn/usage/v1/usage_pb.ts';
import { ListUsageResponseSchema, type Usage, UsageService } from '#proto/sworn/usage/v1/usage_service_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { parseGiven, withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { enumWord, shortName } from '../../output/names.ts';
import type { Column } from '../../output/table.ts';

interface ListOptions extends PageOptions {
  readonly policy?: string;
}

const COLUMNS: readonly Column<Usage>[] = [
  { title: 'POLICY', cell: ({ counter }) => shortName(counter?.policy ?? '') },
  { title: 'LIMIT', cell: ({ counter }) => counter?.limit ?? '' },
  { title: 'PER', cell: ({ counter }) => (counter ? enumWord(LimitScopeSchema, counter.per) : '') },
  { title: 'WHOSE', cell: ({ counter }) => counter?.subject ?? '' },
  { title: 'USED', cell: ({ counter, used }) => amountText(counter?.unit, used), whole: true },
  { title: 'ALLOWED', cell: allowedText, whole: true },
  { title: 'UNIT', cell: ({ counter }) => unitText(counter?.unit) },
  { title: 'IN', cell: ({ counter }) => formatDuration(Number(counter?.everySeconds ?? 0n)), whole: true },
];

/** `sworn usage list`. */
export function createListCommand(): Command {
  const command = new Command('list')
    .summary('list what limits have counted')
    .description(
      'Lists what each limit has counted in its time, by policy, limit, caller or group. Planes tell of it about once a second. ' +
        'What counted nothing is left out.',
    )
    .option('--policy <name>', 'of one policy', parseGiven)
    .action((options: ListOptions, self: Command) => invoke(self, (invocation) => list(invocation, options)));
  return withExamples(
    withPages(command),
    ['sworn usage list', ''],
    ['sworn usage list --policy clinicians --output json', ''],
  );
}

async function list({ client, output }: Invocation, options: ListOptions): Promise<void> {
  const policy = options.policy === undefined ? '' : `policies/${shortName(options.policy)}`;
  const service = client(UsageService);
  const { items: usage, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listUsage({ ...page, policy });
    return { items: response.usage, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListUsageResponseSchema,
    message: create(ListUsageResponseSchema, { usage, nextPageToken }),
    columns: COLUMNS,
    rows: usage,
    nextPageToken,
    none: 'no limit has counted anything',
  });
}

function allowedText({ counter, allowed }: Usage): string {
  return allowed === 0n ? 'no limit now' : amountText(counter?.unit, allowed);
}

function unitText(unit: UsageUnit | undefined): string {
  if (unit === undefined) return '';
  return unit === UsageUnit.COST_MICROS ? 'cost' : enumWord(UsageUnitSchema, unit);
}

function amountText(unit: UsageUnit | undefined, amount: bigint): string {
  return unit === UsageUnit.COST_MICROS ? formatMoney(amount) : String(amount);
}
