import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { ListPoliciesResponseSchema } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { invokeOffline } from '../../invocation.ts';
import { collect, withExamples } from '../../options.ts';
import { printMessage } from '../../output/output.ts';
import { readPolicies } from './read.ts';

/** `sworn policy validate`: reads and compiles here, without a control plane. */
export function createValidateCommand(): Command {
  const command = new Command('validate')
    .summary('check policies without a control plane')
    .description(
      'Reads and compiles policies on this machine, names every fault with its line, and sends nothing.',
    )
    .requiredOption(
      '-f, --file <file>',
      'a YAML file, a directory of them, or - for stdin; may be repeated',
      collect,
    )
    .action((options: { readonly file: readonly string[] }, self: Command) =>
      invokeOffline(self, async (output) => {
        const policies = await readPolicies(options.file);
        const names = policies.map((policy) => `${policy.name} is valid\n`).join('');
        await printMessage(
          output,
          ListPoliciesResponseSchema,
          create(ListPoliciesResponseSchema, { policies }),
          () => names,
        );
      }),
    );
  return withExamples(command, ['sworn policy validate -f policies/', 'in a pull request']);
}
