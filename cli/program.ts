import { Command, Option } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { DEFAULT_CONTROL_PLANE } from './connect/address.ts';
import { usageFailure } from './failure.ts';
import { hasOwn } from './options.ts';
import { OUTPUT_FORMATS } from './output/output.ts';

interface Noun {
  readonly name: string;
  readonly summary: string;
  /** Loads the noun's own commands; absent for programs that the launcher starts (bin/sworn.js). */
  readonly load?: () => Promise<Command>;
}

/** Everything that `sworn` knows, in the order of its help. A noun's files are loaded only when it is called. */
const NOUNS: readonly Noun[] = [
  {
    name: 'login',
    summary: 'log in to a control plane',
    load: async () => (await import('./commands/auth/login.ts')).createLoginCommand(),
  },
  {
    name: 'logout',
    summary: 'forget a login, and end it at the issuer',
    load: async () => (await import('./commands/auth/logout.ts')).createLogoutCommand(),
  },
  {
    name: 'whoami',
    summary: 'who you are to the control plane, and your roles',
    load: async () => (await import('./commands/auth/whoami.ts')).createWhoamiCommand(),
  },
  {
    name: 'token',
    summary: 'print a fresh access token for the API',
    load: async () => (await import('./commands/auth/token.ts')).createTokenCommand(),
  },
  {
    name: 'status',
    summary: 'health of the control plane, its planes, and who you are',
    load: async () => (await import('./commands/status/command.ts')).createStatusCommand(),
  },
  {
    name: 'policy',
    summary: 'who may ask what, with which masking',
    load: async () => (await import('./commands/policy/command.ts')).createPolicyCommand(),
  },
  {
    name: 'proposal',
    summary: 'changes that wait for a second admin',
    load: async () => (await import('./commands/proposal/command.ts')).createProposalCommand(),
  },
  {
    name: 'phi',
    summary: 'find and mask PHI on this machine',
    load: async () => (await import('./commands/phi/command.ts')).createPhiCommand(),
  },
  {
    name: 'approval',
    summary: 'requests that wait for a reviewer',
    load: async () => (await import('./commands/approval/command.ts')).createApprovalCommand(),
  },
  {
    name: 'review',
    summary: 'what went on by break-glass, to be reviewed',
    load: async () => (await import('./commands/review/command.ts')).createReviewCommand(),
  },
  {
    name: 'audit',
    summary: 'read, replay, export, check and erase the record',
    load: async () => (await import('./commands/audit/command.ts')).createAuditCommand(),
  },
  {
    name: 'hold',
    summary: 'legal holds: what must not be erased',
    load: async () => (await import('./commands/hold/command.ts')).createHoldCommand(),
  },
  {
    name: 'grant',
    summary: 'callers who need not wait for a reviewer for a while',
    load: async () => (await import('./commands/grant/command.ts')).createGrantCommand(),
  },
  {
    name: 'revocation',
    summary: 'refuse a caller, application, token or session at once',
    load: async () => (await import('./commands/revocation/command.ts')).createRevocationCommand(),
  },
  {
    name: 'notifier',
    summary: 'who is told of approvals, reviews and alarms',
    load: async () => (await import('./commands/notifier/command.ts')).createNotifierCommand(),
  },
  {
    name: 'notification',
    summary: 'what was told, waits, or was given up',
    load: async () => (await import('./commands/notification/command.ts')).createNotificationCommand(),
  },
  {
    name: 'evidence-key',
    summary: 'the keys that open prompts and answers',
    load: async () => (await import('./commands/evidence-key/command.ts')).createEvidenceKeyCommand(),
  },
  {
    name: 'plane',
    summary: 'data planes: list, let join, revoke',
    load: async () => (await import('./commands/plane/command.ts')).createPlaneCommand(),
  },
  {
    name: 'upstream',
    summary: 'providers and their credentials',
    load: async () => (await import('./commands/upstream/command.ts')).createUpstreamCommand(),
  },
  {
    name: 'usage',
    summary: 'how far the limits of policies are used',
    load: async () => (await import('./commands/usage/command.ts')).createUsageCommand(),
  },
  {
    name: 'issuer',
    summary: 'OpenID providers whose tokens are accepted',
    load: async () => (await import('./commands/issuer/command.ts')).createIssuerCommand(),
  },
  {
    name: 'role',
    summary: 'which groups are admins, reviewers, auditors',
    load: async () => (await import('./commands/role/command.ts')).createRoleCommand(),
  },
  {
    name: 'dev',
    summary: 'the whole stack on this machine',
    load: async () => (await import('./commands/dev/command.ts')).createDevCommand(),
  },
  { name: 'control-plane', summary: 'run the control plane (sworn control-plane --help)' },
  { name: 'data-plane', summary: 'run a data plane (sworn data-plane --help)' },
  {
    name: 'master-key',
    summary: 'the keys that seal what the control plane keeps (sworn master-key --help)',
  },
  { name: 'witness', summary: 'run a witness of logs (sworn witness --help)' },
];

/** The program for these arguments (without node and script), with the commands of the noun that they name. */
export async function createProgram(args: readonly string[]): Promise<Command> {
  const named = nounOf(args);
  const root = createRoot();
  for (const noun of NOUNS) {
    root.addCommand(noun.name === named && noun.load !== undefined ? await noun.load() : placeholder(noun));
  }
  settle(root);
  return root;
}

/** The noun among the arguments; the options before it may have values that look like one. */
function nounOf(args: readonly string[]): string | undefined {
  const scout = createRoot();
  settle(scout);
  scout.configureOutput({ writeOut: () => {} });
  try {
    const { operands } = scout.parseOptions([...args]);
    return operands[0] === 'help' ? operands[1] : operands[0];
  } catch {
    // The options are wrong: the real parse says so.
    return undefined;
  }
}

function createRoot(): Command {
  return new Command('sworn')
    .description('Puts AI traffic under oath: approved, masked, recorded, provable.')
    .version(manifest.version)
    .option(
      '--control-plane <url>',
      `the control plane; else SWORN_CONTROL_PLANE, the last login, ${DEFAULT_CONTROL_PLANE}`,
    )
    .option('--token <token>', 'the access token; else SWORN_TOKEN, or the login')
    .option('--ca <file>', 'certificate authority of the control plane, PEM; else SWORN_CA')
    .option(
      '--allow-plaintext',
      'send the token over plain HTTP to another machine; else SWORN_ALLOW_PLAINTEXT=true',
    )
    .addOption(
      new Option('-o, --output <format>', 'form of the result').choices(OUTPUT_FORMATS).default('table'),
    )
    .addHelpText(
      'after',
      `
Exit codes: 0 ok, 1 failure, 2 usage, 3 denied, 4 unauthenticated, 5 unavailable,
6 verification failed.

Examples:
  $ sworn dev                                  # the whole stack, here
  $ sworn login --issuer https://id.example.org
  $ sworn approval watch
  $ sworn audit export --since 24h > exchanges.jsonl
`,
    );
}

function placeholder(noun: Noun): Command {
  return new Command(noun.name)
    .summary(noun.summary)
    .description(noun.summary)
    .action(() => {
      throw usageFailure(`'${noun.name}' has to be the first word: sworn ${noun.name} ...`);
    });
}

/** Gives every command the same behaviour; commander hands settings down only to commands that it made itself. */
function settle(command: Command, root = command): void {
  command
    .exitOverride()
    .configureHelp({
      showGlobalOptions: true,
      sortSubcommands: false,
      // Not those of `dev`, which is a command by itself: `dev token` takes none of them.
      visibleGlobalOptions: (shown) =>
        shown.parent === null ? [] : root.options.filter(({ long }) => !hasOwn(shown, long ?? '')),
    })
    // main.ts reports errors, in the form that --output asks for.
    .configureOutput({ outputError: () => {} });
  for (const child of command.commands) settle(child, root);
}
