import { Command } from 'commander';
import {
  IdentityService,
  type WhoAmIResponse,
  WhoAmIResponseSchema,
} from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { changeLogins } from '../../auth/change.ts';
import { type Login, loginsPath, readLogins } from '../../auth/store.ts';
import { usageFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { printMessage } from '../../output/output.ts';
import { sanitiseLine } from '../../output/sanitise.ts';
import { readStdin } from '../../read.ts';
import { renderPerson } from './person.ts';

const DEFAULT_CLIENT_ID = 'sworn-cli';
/** RFC 8707 wants an absolute URI; the issuer maps it to the audience `sworn-control-plane`. */
const DEFAULT_RESOURCE = 'urn:sworn:control-plane';

interface LoginOptions {
  readonly issuer?: string;
  readonly clientId?: string;
  readonly resource?: string;
  readonly audience?: string;
}

/** `sworn login`: the device flow, or a token handed in; the control plane has to accept it before it is kept. */
export function createLoginCommand(): Command {
  const command = new Command('login')
    .summary('log in to a control plane')
    .description(
      'Logs in to a control plane and keeps the login in the XDG configuration directory, readable by you alone.\n' +
        'With --issuer: in the browser of any device. With --token TOKEN, or --token - for stdin: as a machine.',
    )
    .option('--issuer <url>', 'the OpenID provider; else SWORN_ISSUER, or that of the last login')
    .option('--client-id <id>', `this program at the issuer; else SWORN_CLIENT_ID, ${DEFAULT_CLIENT_ID}`)
    .option(
      '--resource <uri>',
      `RFC 8707 resource to ask for, empty for none; else SWORN_RESOURCE, ${DEFAULT_RESOURCE}`,
    )
    .option(
      '--audience <name>',
      "the 'audience' parameter, for issuers that want it; else SWORN_AUDIENCE, none",
    )
    .action((options: LoginOptions, self: Command) =>
      invoke(self, (invocation) => login(invocation, options)),
    );
  return withExamples(
    command,
    ['sworn login --issuer https://id.example.org', 'in a browser'],
    ['sworn login --token - < token.txt', 'with a token from elsewhere'],
  );
}

async function login(invocation: Invocation, options: LoginOptions): Promise<void> {
  const { controlPlane, env } = invocation;
  const path = loginsPath(env);
  if (options.issuer !== undefined && invocation.givenToken !== undefined) {
    throw usageFailure(
      '--issuer is one way to log in, a token another',
      'leave one of them out; SWORN_TOKEN is a token, too',
    );
  }
  const made =
    invocation.givenToken === undefined
      ? await loginByPerson(invocation, options, path)
      : await loginByToken(invocation.givenToken);
  const person = await invocation.clientWith(IdentityService, made.accessToken).whoAmI({});
  await changeLogins(path, (logins) => ({
    current: controlPlane,
    logins: { ...logins.logins, [controlPlane]: made },
  }));
  await printMessage(invocation.output, WhoAmIResponseSchema, person, () =>
    renderLogin(person, controlPlane),
  );
}

async function loginByToken(given: string): Promise<Login> {
  const accessToken = (given === '-' ? await readStdin() : given).trim();
  if (accessToken === '') throw usageFailure('the token is empty');
  return { accessToken, expiresAtMs: undefined, renewal: undefined };
}

async function loginByPerson(invocation: Invocation, options: LoginOptions, path: string): Promise<Login> {
  const { controlPlane, env, output } = invocation;
  const issuer =
    options.issuer ?? env['SWORN_ISSUER'] ?? (await readLogins(path)).logins[controlPlane]?.renewal?.issuer;
  if (issuer === undefined || issuer === '') {
    throw usageFailure('which issuer?', 'sworn login --issuer URL, or sworn login --token TOKEN');
  }
  const { loginByDevice } = await import('../../auth/issuer.ts');
  return loginByDevice(
    {
      issuer,
      clientId: options.clientId ?? env['SWORN_CLIENT_ID'] ?? DEFAULT_CLIENT_ID,
      resource: options.resource ?? env['SWORN_RESOURCE'] ?? DEFAULT_RESOURCE,
      audience: options.audience ?? env['SWORN_AUDIENCE'] ?? '',
    },
    (prompt) => {
      output.note(`Open   ${sanitiseLine(prompt.url)}`);
      output.note(`Enter  ${sanitiseLine(prompt.code)}`);
      output.note(`Waiting for you, at most ${Math.ceil(prompt.expiresInS / 60)} minutes ...`);
    },
    invocation.signal,
  );
}

function renderLogin(person: WhoAmIResponse, controlPlane: string): string {
  return `Logged in to ${controlPlane}\n${renderPerson(person)}`;
}
