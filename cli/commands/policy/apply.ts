import { Command } from 'commander';
import {
  ApplyPoliciesResponseSchema,
  Change,
  ChangeSchema,
  PolicyService,
} from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { collect, withExamples } from '../../options.ts';
import { enumWord } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { sanitiseLine } from '../../output/sanitise.ts';
import { readPolicies } from './read.ts';

interface ApplyOptions {
  readonly file: readonly string[];
  readonly validateOnly?: boolean;
  readonly reason: string;
}

/** `sworn policy apply`: all given policies in one transaction, or none. */
export function createApplyCommand(): Command {
  const command = new Command('apply')
    .summary('create or replace policies from YAML')
    .description(
      'Creates or replaces all policies of the files in one transaction, or none of them. Others stay as they are.',
    )
    .requiredOption(
      '-f, --file <file>',
      'a YAML file, a directory of them, or - for stdin; may be repeated',
      collect,
    )
    .option('--reason <text>', 'why; stands in the revisions and in the record', '')
    .option('--validate-only', 'say what would change, and change nothing')
    .action((options: ApplyOptions, self: Command) =>
      invoke(self, (invocation) => apply(invocation, options)),
    );
  return withExamples(
    command,
    ["sworn policy apply -f policies/ --reason 'protocol 12 has ended'", 'every file of a directory'],
    ['sworn policy apply -f research.yaml --validate-only', 'what would change?'],
  );
}

async function apply({ client, output }: Invocation, options: ApplyOptions): Promise<void> {
  const validateOnly = options.validateOnly === true;
  const policies = await readPolicies(options.file);
  const response = await client(PolicyService).applyPolicies({
    policies,
    validateOnly,
    reason: options.reason,
  });
  await printMessage(output, ApplyPoliciesResponseSchema, response, () => {
    const lines = response.results.map(({ policy, change }) => {
      const word = enumWord(ChangeSchema, change);
      const done = validateOnly && change !== Change.UNCHANGED ? `would be ${word}` : word;
      return `${sanitiseLine(policy?.name ?? '')} ${done}\n`;
    });
    return lines.join('') + (validateOnly ? 'nothing was changed (--validate-only)\n' : '');
  });
}
