import { resolve, sep } from 'node:path';
import { type Command, CommanderError } from 'commander';
import type { Logger } from 'pino';
import type { ListenAddress } from '#core/settings/parse.ts';
import { SettingsError } from '#core/settings/settings.ts';
import { createLogger } from './log.ts';
import { closeMemory } from './memory/close.ts';
import { findExposures } from './memory/exposures.ts';
import type { SettingsSources } from './settings.ts';
import { stopSignal } from './stop-signal.ts';

interface CommonSettings {
  readonly listen: ListenAddress;
  readonly logLevel: string;
  readonly stateDirectory: string;
}

/** A program that runs until it is told to stop. */
export interface Program<S extends CommonSettings> {
  readonly command: Command;
  /** Throws SettingsError. */
  load(sources: SettingsSources): Promise<S>;
  /** Resolves once it serves; `signal` ends a start that takes long. `close` drains. */
  start(
    settings: S,
    means: { readonly logger: Logger; readonly signal: AbortSignal },
  ): Promise<{ close(): Promise<void> }>;
  /** A person's words for an error that ended it; undefined for one that is not the program's own. */
  explain(error: unknown): string | undefined;
}

/** Runs a program with these arguments. Exit codes: 0 stopped as told, 1 failed, 2 wrong usage or settings. */
export async function runProgram<S extends CommonSettings>(
  program: Program<S>,
  args: readonly string[],
): Promise<void> {
  // `--help | head`: nobody is left to write for.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  process.exitCode = await runUntilStopped(program, args);
}

async function runUntilStopped<S extends CommonSettings>(
  program: Program<S>,
  args: readonly string[],
): Promise<number> {
  const settings = await readArguments(program, args);
  if (typeof settings === 'number') return settings;
  const say = (words: string) => process.stderr.write(`${program.command.name()}: ${words}\n`);
  const exposures = findExposures(process.execArgv, process.env);
  if (exposures.length > 0) {
    say(
      `does not run with ${exposures.join(', ')}: that gives away what is in memory, prompts and keys included`,
    );
    return 2;
  }
  closeMemory(program.command.name(), say);
  const stop = stopSignal(1);
  const logger = createLogger(program.command.name().replace(' ', '-'), settings.logLevel);
  stop.addEventListener('abort', () =>
    logger.info({ event: 'stopping', signal: stop.reason.message }, 'told to stop; draining'),
  );
  let running: { close(): Promise<void> } | undefined;
  try {
    running = await program.start(settings, { logger, signal: stop });
    if (!stop.aborted) await new Promise((done) => stop.addEventListener('abort', done, { once: true }));
    await running.close();
  } catch (error) {
    // What fails to close may have lost something; a start that the signal ended has not.
    if (!stop.aborted || running !== undefined) {
      say(
        program.explain(error) ??
          explainListen(error, settings.listen) ??
          explainState(error, settings.stateDirectory) ??
          wordsOf(error),
      );
      return 1;
    }
  }
  logger.info({ event: 'stopped' }, 'drained and stopped');
  return 0;
}

/** The settings, or the exit code where there is nothing to start. */
async function readArguments<S extends CommonSettings>(
  program: Program<S>,
  args: readonly string[],
): Promise<S | number> {
  const command = program.command.exitOverride();
  try {
    const { config, ...flags } = command
      .parse(args, { from: 'user' })
      .opts<Record<string, string | boolean>>();
    const file = config ?? (process.env['SWORN_CONFIG'] || undefined);
    return await program.load({ flags, env: process.env, file: typeof file === 'string' ? file : undefined });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${command.name()}: ${error.message}\nSee: ${command.name()} --help\n`);
    return 2;
  }
}

function explainListen(error: unknown, { host, port }: ListenAddress): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return `${host}:${port} is taken; choose another address with --listen`;
  if (code === 'EADDRNOTAVAIL' || code === 'EACCES') return `cannot listen on ${host}:${port} (${code})`;
  return undefined;
}

/** A file of the state directory that the system does not give, or does not let make. */
function explainState(error: unknown, stateDirectory: string): string | undefined {
  const path = error instanceof Error && 'path' in error ? error.path : undefined;
  const isInside =
    typeof path === 'string' && `${resolve(path)}${sep}`.startsWith(`${resolve(stateDirectory)}${sep}`);
  if (!isInside) return undefined;
  return `the state directory ${stateDirectory} cannot be used: ${wordsOf(error)}; let this user read and write it, or choose another one with --state-directory`;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
