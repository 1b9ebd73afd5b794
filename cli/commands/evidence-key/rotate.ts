import { Command } from 'commander';
import { EvidenceKeySchema } from '#proto/sworn/evidence/v1/evidence_key_pb.ts';
import { EvidenceService } from '#proto/sworn/evidence/v1/evidence_service_pb.ts';
import { required } from '../../connect/required.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { printMessage } from '../../output/output.ts';

/** `sworn evidence-key rotate`. */
export function createRotateCommand(): Command {
  const command = new Command('rotate')
    .summary('make a new key, which planes seal to from now on')
    .description(
      'Makes a new evidence key, which planes seal to from now on. What was sealed before opens with the older keys, which stay.',
    )
    .action((_options: unknown, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const response = await client(EvidenceService).rotateEvidenceKey({});
        const key = required(response.evidenceKey, 'evidence key');
        await printMessage(output, EvidenceKeySchema, key, () => `${key.name} is current\n`);
        if (output.format === 'table') {
          output.note(
            'back its file up, and copy it to every replica: evidence-keys/ in the state directory',
          );
        }
      }),
    );
  return withExamples(command, ['sworn evidence-key rotate', '']);
}
