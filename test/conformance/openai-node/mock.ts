import { spawn } from 'node:child_process';
import { freePort } from '../../../program/free-port.ts';
import { until } from '../../env/until.ts';

/** The mock that the suite is made for: it checks every request against the API's description, and answers from it. */
const STEADY = '@stdy/cli@0.22.1';
/** As the suite starts it itself. */
const FORMATS = ['query-array', 'form-array', 'query-object', 'form-object'].map(
  (place) => `--validator-${place}-format=brackets`,
);

/** A running mock of the provider. */
export interface Mock {
  /** Without `/v1`. */
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** Starts the mock on an OpenAPI description; npm loads it where it is not there yet. */
export async function startMock(description: string): Promise<Mock> {
  const port = await freePort();
  const words = [
    'exec',
    '--yes',
    `--package=${STEADY}`,
    '--',
    'steady',
    '--host',
    '127.0.0.1',
    '-p',
    String(port),
  ];
  // A group of its own, since npm does not hand signals on.
  const child = spawn('npm', [...words, ...FORMATS, '--quiet', description], {
    stdio: 'ignore',
    detached: true,
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  let running = true;
  void ended.then(() => {
    running = false;
  });
  const baseUrl = `http://127.0.0.1:${port}`;
  const close = async () => {
    if (running && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await ended;
  };
  try {
    await until('the mock answering', async () => {
      if (!running) throw new Error(`${STEADY} did not start on ${description}`);
      const answer = await fetch(`${baseUrl}/_x-steady/health`).catch(() => undefined);
      return answer?.ok === true;
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { baseUrl, close };
}
