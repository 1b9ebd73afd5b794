import { Command } from 'commander';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { required } from '../../connect/required.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderExchange } from './render.ts';

/** `sworn audit show`: one exchange with its content. */
export function createShowCommand(): Command {
  const command = new Command('show')
    .summary('show one exchange with prompt and answer')
    .description(
      'Shows one exchange: decision, approval, findings, maskings, the prompt, and the answer as it was delivered.\n' +
        'That you read it is recorded.',
    )
    .argument('<exchange>', "its id: the x-request-id of the answer, the record of an error's message")
    .action((id: string, _options: unknown, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const response = await client(AuditService).getExchange({ name: fullName('exchanges', id) });
        const exchange = required(response.exchange, 'exchange');
        await printMessage(output, ExchangeSchema, exchange, () => renderExchange(exchange, output.width));
      }),
    );
  return withExamples(command, ['sworn audit show 0199f3c2-7e10-7000-8000-000000000001', '']);
}
