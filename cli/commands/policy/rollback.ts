import { Command } from 'commander';
import { PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { required } from '../../connect/required.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { parseRevision } from './revision-number.ts';

interface RollbackOptions {
  readonly to: bigint;
  readonly reason: string;
  readonly etag: string;
}

/** `sworn policy rollback`. */
export function createRollbackCommand(): Command {
  const command = new Command('rollback')
    .summary('make a policy say again what it said')
    .description(
      'Makes a policy say again what it said in an earlier revision, as a new one; also one that was deleted.',
    )
    .argument('<name>', 'its name, with or without policies/')
    .requiredOption(
      '--to <revision>',
      'the number of the revision, as policy history shows it',
      parseRevision,
    )
    .option('--reason <text>', 'why; stands in the record', '')
    .option('--etag <etag>', 'only if it is still this version', '')
    .action((typed: string, { to: revision, reason, etag }: RollbackOptions, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const name = fullName('policies', typed);
        const response = await client(PolicyService).rollbackPolicy({ policy: name, revision, reason, etag });
        const policy = required(response.policy, 'policy');
        const line = response.unchanged
          ? `${policy.name} says already what it said in revision ${revision}: nothing was changed\n`
          : `${policy.name} says again what it said in revision ${revision}, as revision ${policy.revision}\n`;
        await printMessage(output, PolicySchema, policy, () => line);
      }),
    );
  return withExamples(command, ["sworn policy rollback research --to 3 --reason 'masks too little'", '']);
}
