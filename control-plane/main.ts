// `sworn control-plane`. Exit codes: 0 stopped as told, 1 failed, 2 wrong usage or settings.
import { CommanderError } from 'commander';
import { SettingsError } from '#core/settings/settings.ts';
import { createCommand } from './config/command.ts';
import { loadSettings } from './config/load.ts';
import type { ControlPlaneSettings } from './config/settings.ts';
import { startControlPlane } from './start.ts';
import { StoreError } from './storage/migrations/migrate.ts';

/** npm and a terminal may both deliver the same Ctrl-C: a second signal within this is the first one's echo. */
const SIGNAL_ECHO_MS = 1_000;

// A reader that goes away (`--help | head`, a log collector that restarts) is no reason to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.exitCode = await run(process.argv.slice(2));

async function run(args: readonly string[]): Promise<number> {
  const settings = await readSettings(args);
  if (typeof settings === 'number') return settings;
  const stop = stopSignal();
  try {
    const controlPlane = await startControlPlane(settings, { signal: stop });
    if (!stop.aborted) await new Promise((done) => stop.addEventListener('abort', done, { once: true }));
    await controlPlane.close();
    return 0;
  } catch (error) {
    if (stop.aborted) return 0;
    process.stderr.write(`sworn control-plane: ${explain(error, settings)}\n`);
    return 1;
  }
}

/** The settings, or the exit code where there is nothing to start. */
async function readSettings(args: readonly string[]): Promise<ControlPlaneSettings | number> {
  const command = createCommand().exitOverride();
  try {
    const { config, ...flags } = command
      .parse(args, { from: 'user' })
      .opts<Record<string, string | boolean>>();
    const file = config ?? (process.env['SWORN_CONFIG'] || undefined);
    return await loadSettings({ flags, env: process.env, file: typeof file === 'string' ? file : undefined });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`sworn control-plane: ${error.message}\nSee: sworn control-plane --help\n`);
    return 2;
  }
}

/** Aborts at the first SIGINT or SIGTERM; a second one, once it cannot be the first one's echo, exits at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let firstMs: number | undefined;
  const onSignal = (): void => {
    const nowMs = performance.now();
    if (firstMs === undefined) {
      firstMs = nowMs;
      controller.abort();
    } else if (nowMs - firstMs > SIGNAL_ECHO_MS) {
      process.exit(1);
    }
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return controller.signal;
}

/** For a person at a terminal. The driver's messages may quote the connection string: they are not shown. */
function explain(error: unknown, settings: ControlPlaneSettings): string {
  if (error instanceof StoreError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const { host, port } = settings.listen;
  if (code === 'EADDRINUSE') return `${host}:${port} is taken; choose another address with --listen`;
  if (code === 'EADDRNOTAVAIL' || code === 'EACCES') return `cannot listen on ${host}:${port} (${code})`;
  if (code === 18) return 'MongoDB refuses the user or password of mongodbUri';
  if (error instanceof Error && error.name.startsWith('Mongo'))
    return `MongoDB refuses: ${error.name} (${code ?? 'no code'})`;
  return error instanceof Error ? error.message : String(error);
}
