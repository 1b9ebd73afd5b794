import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Command } from 'commander';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { RevocationSchema } from '#proto/sworn/identity/v1/revocation_pb.ts';
import { isOnRecord, missingText } from '../../connect/missing.ts';
import { required } from '../../connect/required.ts';
import { usageFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { parseGiven, parseTime, withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { targetText } from './columns.ts';

interface CreateOptions {
  readonly subject?: string;
  readonly email?: string;
  readonly client?: string;
  readonly tokenId?: string;
  readonly session?: string;
  readonly issuer?: string;
  readonly expires?: Date;
  readonly reason: string;
}

/** `sworn revocation create`. */
export function createCreateCommand(): Command {
  const command = new Command('create')
    .summary('refuse a caller, application, token or session at once')
    .description(
      'Refuses requests of a caller, an application, a token or a session from now on, and ends those that are under way.\n' +
        'What is given must all hold. The reason stays in the record for ever: nothing of a patient belongs there.',
    )
    .option('--subject <sub>', "of the caller with this 'sub'", parseGiven)
    .option('--email <email>', 'of the caller with this e-mail', parseGiven)
    .option('--client <client>', "of the application with this 'client_id' or 'azp'", parseGiven)
    // Not --token: every command has that, for the token that it presents itself.
    .option('--token-id <jti>', "with the token of this 'jti'", parseGiven)
    .option('--session <session>', 'in the session with this id', parseGiven)
    .option('--issuer <url>', 'only with tokens of this issuer', parseGiven)
    .option('--expires <time>', 'until then: 2026-03-01T09:30:00Z; without it until it is deleted', parseTime)
    .requiredOption('--reason <text>', 'why')
    .action((options: CreateOptions, self: Command) =>
      invoke(self, (invocation) => revoke(invocation, options)),
    );
  return withExamples(
    command,
    ["sworn revocation create --email ana@example.org --reason 'left on 1 March'", 'a caller'],
    ["sworn revocation create --client billing-agent --reason 'key found in a log'", 'an application'],
    ["sworn revocation create --token-id 5f0c2a --reason 'laptop lost'", 'one token'],
  );
}

async function revoke(invocation: Invocation, options: CreateOptions): Promise<void> {
  const { client: open, output } = invocation;
  const { subject = '', email = '', client = '', tokenId = '', session, issuer = '' } = options;
  const { expires, reason } = options;
  if (subject === '' && email === '' && client === '' && tokenId === '' && session === undefined) {
    throw usageFailure('say whom to refuse: --subject, --email, --client, --token-id, --session');
  }
  const response = await open(IdentityService).createRevocation({
    target: {
      issuer,
      subject,
      email,
      client,
      tokenId,
      session: session === undefined ? '' : fullName('sessions', session),
    },
    reason,
    ...(expires === undefined ? {} : { expireTime: timestampFromDate(expires) }),
  });
  const revocation = required(response.revocation, 'revocation');
  await printMessage(
    output,
    RevocationSchema,
    revocation,
    () => `${revocation.name} refuses ${targetText(revocation)}\n`,
  );
  const name = revocation.target?.session ?? '';
  // It may be still to come; if the name is wrong, this refuses nothing.
  if (name !== '' && !(await isOnRecord(invocation, name))) output.note(missingText(name));
}
