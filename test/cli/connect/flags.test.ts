import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { inFlags } from '../../../cli/connect/flags.ts';
import { createProgram } from '../../../cli/program.ts';
import { Code, refusal, startControlPlane } from '../env/control-plane.ts';
import { createHome } from '../env/sworn.ts';

/** The command of a line, with the options that it has. */
async function commandOf(line: string): Promise<Command> {
  const args = line.split(' ');
  let command = await createProgram(args);
  for (const word of args) command = command.commands.find((one) => one.name() === word) ?? command;
  command.parseOptions(args);
  return command;
}

test.each([
  ['upstream create a --base-url x', 'upstream.spec.base_url', '--base-url'],
  ['upstream create a --auth bearer', 'upstream.spec.authentication', '--auth'],
  ['upstream create a', 'upstream_id', '<name>'],
  ['upstream create a', 'credential', '--credential-from'],
  ['upstream create a', 'secret_headers[0].name', '--secret-header'],
  ['upstream create a', 'upstream.spec.model_names[1].model', '--model-name'],
  ['upstream create a', 'upstream.spec.models[0]', '--model'],
  ['upstream create a', 'upstream.spec.ca_certificates', '--ca-file'],
  ['upstream create a --token-url x', 'upstream.spec.oauth.token_url', '--token-url'],
  ['upstream create a --entra-tenant x', 'upstream.spec.oauth.token_url', '--entra-tenant'],
  ['upstream update a', 'upstream.spec.proxy_url', '--proxy'],
  ['issuer create a', 'issuer.spec.gateway_audiences', '--gateway-audience'],
  ['issuer create a', 'issuer.spec.group_names["a.b"]', '--group-name'],
  ['notifier create a --slack-from env:A', 'secret', '--slack-from'],
  ['notifier create a --webhook x --secret-from env:A', 'secret', '--secret-from'],
  ['notifier create a', 'notifier.spec.email.to[0]', '--email'],
  ['notifier create a', 'notifier.spec.webhook.url', '--webhook'],
  ['role bind g r', 'role_binding.group', '<group>'],
  ['role bind g r', 'role_binding_id', '--id'],
  ['revocation create', 'target.token_id', '--token-id'],
  ['hold create', 'scope.caller', '--caller'],
  ['approval approve a', 'window', '--for'],
  ['approval approve a', 'name', '<approval>'],
  ['policy rollback a', 'revision', '--to'],
  ['policy history a', 'policy', '<name>'],
  ['audit exchanges', 'filter.policy', '--policy'],
  ['audit exchanges', 'page_size', '--limit'],
  ['audit exchanges', 'page_token', '--page-token'],
  ['policy apply -f a.yaml', 'policies[0].spec.rules[0].name', 'policies[0].spec.rules[0].name'],
])('%s: %s is %s', async (line, field, typed) => {
  const command = await commandOf(line);
  expect(inFlags(`${field}: is wrong`, [field], command)).toBe(`${typed}: is wrong`);
});

test('every fault of a message, and nothing else of it', async () => {
  const command = await commandOf('upstream create a');
  const said = 'upstream.spec.base_url: takes a URL; upstream_id: takes letters; base_url: of no field';
  expect(inFlags(said, ['upstream.spec.base_url', 'upstream_id'], command)).toBe(
    '--base-url: takes a URL; <name>: takes letters; base_url: of no field',
  );
});

test('people are told of the option and of what exists, programs of the field as well', async () => {
  const field = 'issuer.spec.issuer_url';
  const controlPlane = await startControlPlane((router) =>
    router.service(IdentityService, {
      createIssuer: ({ issuerId }) => {
        if (issuerId === 'taken') {
          const name = 'issuers/corporate';
          throw refusal(Code.AlreadyExists, Reason.ALREADY_EXISTS, 'of issuers/corporate already', { name });
        }
        const fault = 'takes a URL';
        throw refusal(Code.InvalidArgument, Reason.INVALID_ARGUMENT, `${field} ${fault}`, { [field]: fault });
      },
    }),
  );
  const home = createHome();
  const args = ['issuer', 'create', 'corporate', '--issuer-url', 'x', '--control-plane', controlPlane.url];
  const people = await home.call([...args, '--token', 't']);
  const programs = await home.call([...args, '--token', 't', '--output', 'json']);
  const taken = await home.call(args.with(2, 'taken').concat('--token', 't'));
  home.remove();
  await controlPlane.close();
  expect(people.stderr).toBe('sworn: --issuer-url takes a URL\n  next: add --help for what it takes\n');
  expect(taken.stderr).toContain("next: 'sworn issuer update corporate' changes the one that exists");
  expect(JSON.parse(programs.stderr).error).toMatchObject({
    message: '--issuer-url takes a URL',
    metadata: { [field]: 'takes a URL' },
  });
});
