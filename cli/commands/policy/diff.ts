import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { formatPolicies } from '#core/policy/parse.ts';
import { PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import type { PolicyRevision } from '#proto/sworn/policy/v1/revision_pb.ts';
import { CommandFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { diffLines, renderDiff } from '../../output/diff.ts';
import { fullName } from '../../output/names.ts';
import { printValue } from '../../output/output.ts';
import { parseRevision } from './revision-number.ts';

const PAGE_SIZE = 1_000;

interface DiffOptions {
  readonly from?: bigint;
  readonly to?: bigint;
}

/** `sworn policy diff`. */
export function createDiffCommand(): Command {
  const command = new Command('diff')
    .summary('show what a change of a policy changed')
    .description(
      'Shows two revisions of a policy as YAML, line by line: the last change, unless it is said otherwise.',
    )
    .argument('<name>', 'its name, with or without policies/')
    .option('--from <revision>', 'the older one (the one before --to)', parseRevision)
    .option('--to <revision>', 'the newer one (the newest)', parseRevision)
    .action((name: string, options: DiffOptions, self: Command) =>
      invoke(self, (invocation) => show(invocation, name, options)),
    );
  return withExamples(
    command,
    ['sworn policy diff research', 'the last change'],
    ['sworn policy diff research --from 3 --to 7', ''],
  );
}

async function show(invocation: Invocation, typed: string, options: DiffOptions): Promise<void> {
  const { output } = invocation;
  const policy = fullName('policies', typed);
  const revisions = await readAll(invocation, policy);
  const to = options.to ?? revisions[0]?.number ?? 0n;
  const from = options.from ?? to - 1n;
  // A policy is made out of nothing.
  const lines = diffLines(from === 0n ? '' : textOf(revisions, policy, from), textOf(revisions, policy, to));
  if (output.format !== 'table') {
    await printValue(output, { policy, from: `${from}`, to: `${to}`, lines });
    return;
  }
  const between = from === 0n ? `revision ${to}, the first` : `revision ${from} and ${to}`;
  const isSame = lines.every((line) => line.startsWith(' '));
  await output.write(`${policy}: ${between}\n${isSame ? 'no difference\n' : renderDiff(output, lines)}`);
}

async function readAll({ client }: Invocation, policy: string): Promise<PolicyRevision[]> {
  const revisions: PolicyRevision[] = [];
  let pageToken = '';
  do {
    const page = { policy, pageSize: PAGE_SIZE, pageToken };
    const response = await client(PolicyService).listPolicyRevisions(page);
    revisions.push(...response.revisions);
    pageToken = response.nextPageToken;
  } while (pageToken !== '');
  return revisions;
}

function textOf(revisions: readonly PolicyRevision[], policy: string, number: bigint): string {
  const found = revisions.find((revision) => revision.number === number);
  if (found === undefined) {
    const hint = `sworn policy history ${policy}`;
    throw new CommandFailure(`${policy} has no revision ${number}`, { code: 'not_found', hint });
  }
  // One in which it was removed says nothing.
  const { spec } = found;
  return spec === undefined ? '' : formatPolicies([create(PolicySchema, { name: policy, spec })]);
}
