import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { formatPolicies } from '#core/policy/parse.ts';
import { type Policy, PolicyMode } from '#proto/sworn/policy/v1/policy_pb.ts';
import { ListPoliciesResponseSchema, PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { shortName } from '../../output/names.ts';
import type { Column } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';

const COLUMNS: readonly Column<Policy>[] = [
  { title: 'NAME', cell: ({ name }) => shortName(name), whole: true },
  { title: 'GROUPS', cell: ({ spec }) => spec?.groups.join(', ') ?? '' },
  { title: 'MODELS', cell: ({ spec }) => spec?.models.join(', ') || 'every', spare: true },
  { title: 'MODE', cell: ({ spec }) => (spec?.mode === PolicyMode.OBSERVE ? 'observe' : '') },
  { title: 'RULES', cell: ({ spec }) => spec?.rules.map((rule) => rule.name).join(', ') ?? '' },
  { title: 'UPDATED', cell: ({ updateTime }) => formatTime(updateTime), whole: true, spare: true },
];

/** `sworn policy list`. With `--output yaml` the documents can be applied again. */
export function createListCommand(): Command {
  const command = new Command('list')
    .summary('list policies')
    .description('Lists policies by name. With --output yaml: as documents that can be applied again.')
    .action((options: PageOptions, self: Command) => invoke(self, (invocation) => list(invocation, options)));
  return withExamples(
    withPages(command),
    ['sworn policy list', ''],
    ['sworn policy list --all --output yaml > backup.yaml', 'a backup'],
  );
}

async function list({ client, output }: Invocation, options: PageOptions): Promise<void> {
  const service = client(PolicyService);
  const { items: policies, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listPolicies(page);
    return { items: response.policies, nextPageToken: response.nextPageToken };
  });
  if (output.format === 'yaml') {
    await output.write(policies.length === 0 ? '' : formatPolicies(policies));
    return;
  }
  await printList(output, {
    schema: ListPoliciesResponseSchema,
    message: create(ListPoliciesResponseSchema, { policies, nextPageToken }),
    columns: COLUMNS,
    rows: policies,
    nextPageToken,
    none: 'no policies: every request is denied; sworn policy apply -f FILE',
  });
}
