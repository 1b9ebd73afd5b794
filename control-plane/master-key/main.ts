// `sworn master-key`
import { Command, CommanderError, Option } from 'commander';
import { SettingsError } from '#core/settings/settings.ts';
import { createCommand } from '../../program/command.ts';
import { closeMemory } from '../../program/memory/close.ts';
import { findExposures } from '../../program/memory/exposures.ts';
import { stopSignal } from '../../program/stop-signal.ts';
import { loadSettings } from '../config/load.ts';
import { type ControlPlaneSettings, SETTINGS } from '../config/settings.ts';
import { explain } from '../explain.ts';
import { isStoreUnavailable } from '../storage/database.ts';
import { AlteredError } from '../storage/sealing/altered.ts';
import { MasterKeyError } from '../storage/sealing/seal.ts';
import { listMasterKeys } from './list.ts';
import { withOperation } from './open.ts';
import { MasterKeyRefusal, type Operation } from './operation.ts';
import { printListed } from './print.ts';
import { retireMasterKey } from './retire.ts';
import { rotateMasterKey } from './rotate.ts';

const NAME = 'sworn master-key';
/** Of the control plane's settings those that say where its keys and its database are; the others are read, and not shown. */
const { mongodbUri, mongodbDatabase, stateDirectory } = SETTINGS;
const PLACES = { mongodbUri, mongodbDatabase, stateDirectory };
/** As in docs/cli.md. */
const EXIT = { ok: 0, failure: 1, usage: 2, unavailable: 5, altered: 6, interrupted: 130 } as const;

/** Says something to whoever runs it; results alone go to stdout. */
const say = (words: string): void => void process.stderr.write(`${words}\n`);

interface Flags {
  readonly config?: string;
  readonly output?: 'table' | 'json';
  readonly [setting: string]: string | undefined;
}

function createVerb(
  verb: string,
  description: string,
  run: (operation: Operation, flags: Flags, id: string) => Promise<void>,
): Command {
  const help = `\nExamples:\n  ${NAME} ${verb} --config /etc/sworn/control-plane.yaml`;
  const command = createCommand(verb.split(' ')[0] ?? verb, description, PLACES, help);
  if (verb.includes(' ')) command.argument('<id>', 'of the key, as `sworn master-key list` shows it');
  return command
    .exitOverride()
    .showHelpAfterError(`See: ${NAME} ${command.name()} --help`)
    .action(async (...given: unknown[]) => {
      const self = given.at(-1) as Command;
      const flags = self.opts<Flags>();
      const settings = await readPlace(flags);
      await withOperation(settings, { say, signal: stop }, (operation) =>
        run(operation, flags, (self.args[0] ?? '').replace(/^masterKeys\//, '')),
      );
    });
}

/** The settings of the control plane whose keys these are. */
function readPlace({ config, output: _output, ...flags }: Flags): Promise<ControlPlaneSettings> {
  const file = config ?? (process.env['SWORN_CONFIG'] || undefined);
  return loadSettings({ flags, env: process.env, file });
}

function createProgram(): Command {
  const list = createVerb(
    'list',
    'Lists master keys, newest first: which one seals, whether this state directory has each, and what is still sealed with older ones.',
    async (operation, { output }) => printListed(await listMasterKeys(operation), output ?? 'table'),
  );
  list.addOption(new Option('-o, --output <format>', 'form of the result').choices(['table', 'json']));
  return new Command(NAME)
    .description(
      'The keys that seal what the control plane keeps in MongoDB. For its operator, on its host, as the user that it runs as.',
    )
    .exitOverride()
    .addCommand(list)
    .addCommand(
      createVerb(
        'rotate',
        'Makes a new master key and waits until every control plane that runs has its file. From then on all seal with it, and what is ' +
          'there is sealed anew. One that was interrupted goes on where it was.',
        async (operation) => {
          const { current, old, passedOver } = await rotateMasterKey(operation);
          process.stdout.write(`masterKeys/${current} is current\n`);
          tellPassedOver(passedOver);
          say('back its file up, and copy it to every replica: master-keys/ in the state directory');
          for (const id of old)
            say(`nothing hangs on masterKeys/${id} any more; end it with: ${NAME} retire ${id}`);
        },
      ),
    )
    .addCommand(
      createVerb(
        'retire <id>',
        'Ends an older master key once nothing hangs on it: what it sealed opens no more, and what has its MAC counts no more.',
        async (operation, _flags, id) => {
          tellPassedOver(await retireMasterKey(operation, id));
          process.stdout.write(`masterKeys/${id} is retired\n`);
          say(
            'remove its file from every state directory; keep a copy, apart, for as long as there are backups of MongoDB from before',
          );
        },
      ),
    );
}

function tellPassedOver(names: readonly string[]): void {
  if (names.length === 0) return;
  const others = names.length > 5 ? ` and ${names.length - 5} more` : '';
  say(
    `altered before, so that it does not count, and left as it is: ${names.slice(0, 5).join(', ')}${others}`,
  );
}

/** What the process ends with, and what is said before. */
function failureOf(error: unknown): { readonly code: number; readonly words?: string } {
  if (error instanceof CommanderError) return { code: error.exitCode === 0 ? EXIT.ok : EXIT.usage };
  if (error instanceof SettingsError) return { code: EXIT.usage, words: error.message };
  if (stop.aborted) return { code: EXIT.interrupted, words: 'interrupted; run it again, and it goes on' };
  if (error instanceof MasterKeyRefusal || error instanceof MasterKeyError)
    return { code: EXIT.failure, words: error.message };
  if (error instanceof AlteredError) return { code: EXIT.altered, words: error.message };
  if (isStoreUnavailable(error))
    return { code: EXIT.unavailable, words: 'MongoDB does not answer; try again' };
  const words = explain(error) ?? (error instanceof Error ? error.message : String(error));
  return { code: EXIT.failure, words };
}

const stop = stopSignal(EXIT.interrupted);
const exposures = findExposures(process.execArgv, process.env);
if (exposures.length > 0) {
  say(`${NAME}: does not run with ${exposures.join(', ')}: that gives away what is in memory, keys included`);
  process.exit(EXIT.usage);
}
closeMemory(NAME, (words) => say(`${NAME}: ${words}`));
try {
  await createProgram().parseAsync(process.argv.slice(2), { from: 'user' });
} catch (error) {
  const { code, words } = failureOf(error);
  if (words !== undefined) say(`${NAME}: ${words}`);
  process.exitCode = code;
}
