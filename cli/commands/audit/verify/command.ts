import { Command } from 'commander';
import { invoke, invokeOffline } from '../../../invocation.ts';
import { collect, withExamples } from '../../../options.ts';
import { verifyOffline } from './offline.ts';
import { verifyOnline } from './online.ts';
import type { VerifyCommandOptions } from './options.ts';

/** `sworn audit verify`: exit code 6 when anything is wrong. */
export function createVerifyCommand(): Command {
  const command = new Command('verify')
    .summary('verify the record, here or from a bundle')
    .description(
      'Recomputes every leaf of the log and its root, follows the chain of each writer, and checks the signatures of planes ' +
        'and receipts, ciphertexts, erasures, checkpoints and witnesses. With --bundle it takes a file of ' +
        "'sworn audit export --bundle' and no network. Exit code 6 when anything is wrong, with the record named.",
    )
    .option('--bundle <file>', 'a bundle, instead of the control plane')
    .option('--log-key <vkey>', 'the verifier key of the log, from elsewhere')
    .option('--witness <vkey>', 'a witness that must have cosigned the checkpoint; may be repeated', collect)
    .option('--evidence-key <file>', 'opens content and checks commitments; may be repeated', collect)
    .option('--checkpoint <file>', 'one that you kept: the log must go on from it; may be repeated', collect)
    .option('--no-payloads', 'without payloads: online, nothing of them is asked for')
    .action((options: VerifyCommandOptions, self: Command) =>
      options.bundle === undefined
        ? invoke(self, (invocation) => verifyOnline(invocation, options))
        : invokeOffline(self, (output) => verifyOffline(output, options.bundle ?? '', options)),
    );
  return withExamples(
    command,
    ['sworn audit verify --log-key "$KEY" --witness "$WITNESS"', 'everything, as it is stored now'],
    ['sworn audit verify --bundle year.bundle --log-key "$KEY"', 'a bundle, without any network'],
    [
      'sworn audit verify --bundle year.bundle --evidence-key KEY.json',
      'and that content is what was committed to',
    ],
  );
}
