import { Command } from 'commander';
import { formatPolicies } from '#core/policy/parse.ts';
import { PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { required } from '../../connect/required.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { messageJson, printValue } from '../../output/output.ts';

/** `sworn policy get`: as the YAML that `apply` takes; with `--output json` the resource with its etag. */
export function createGetCommand(): Command {
  const command = new Command('get')
    .summary('show one policy as YAML')
    .description(
      'Shows one policy as the YAML that apply takes; with --output json the resource with its etag.',
    )
    .argument('<name>', 'its name, with or without policies/')
    .action((name: string, _options: unknown, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const response = await client(PolicyService).getPolicy({ name: fullName('policies', name) });
        const policy = required(response.policy, 'policy');
        if (output.format === 'json') await printValue(output, messageJson(PolicySchema, policy));
        else await output.write(formatPolicies([policy]));
      }),
    );
  return withExamples(command, ['sworn policy get research > research.yaml', 'to edit it']);
}
