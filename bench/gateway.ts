// Requests per second and added latency of Sworn with everything on: token check, policy, detection, durable
// intent and outcome, masking, recording. Direct and through Sworn in one run; only the ratios mean anything on
// another machine. `npm run bench [-- seconds]`

import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  watch,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDetector } from '#core/phi/detect.ts';
import { freePort } from '../program/free-port.ts';
import { type Figures, quantile, run } from './load.ts';
import { generateNegatives } from './phi/corpus/generate.ts';
import { processorMs, stopProgram } from './process.ts';

const ROOT = join(import.meta.dirname, '..');
const SECONDS = Number(process.argv[2] ?? 5);
if (!(SECONDS > 0 && SECONDS <= 3600)) {
  process.stderr.write(
    'usage: npm run bench [-- SECONDS]: how long each figure is measured, 5 when absent\n',
  );
  process.exit(2);
}
/** Enough calls that the compiler has settled before anything is measured. */
const WARM_UP_MS = 3_000;
const WARM_UP_CONNECTIONS = 32;
const MESSAGE_CHARACTERS = 2_048;
const START_TIMEOUT_MS = 120_000;

// Invented data: about 1 KB of clinical note.
const NOTE =
  'Patient: Maria Beispiel, DOB 04/12/1957, MRN 00482913. Seen by Dr. Muster for two weeks of productive cough. ' +
  'No fever, no weight loss. Smokes ten cigarettes a day. Lungs clear, heart regular, oxygen saturation 97 percent. ' +
  'Medication: lisinopril 10 mg, metformin 500 mg twice daily. Assessment: acute bronchitis. Plan: fluids, rest, ' +
  'return when fever develops. ';
/** What an agent sends again with each of its turns. */
const HISTORY = turns(64 * 1024);
let asked = 0;
/** The bodies of requests, no two of them alike. */
const body = (stream: boolean) => (): string => {
  asked += 1;
  return JSON.stringify({
    model: 'gpt-bench',
    stream,
    input: `Summarise ${asked}: ${NOTE.repeat(2)}`,
    store: false,
  });
};
const turn = (): string => {
  asked += 1;
  const input = [...HISTORY, { role: 'user', content: `Turn ${asked}: ${NOTE}` }];
  return JSON.stringify({ model: 'gpt-bench', stream: true, input, store: false });
};
const SHAPES = { whole: body(false), streamed: body(true), '64 KB of history': turn };

const directory = mkdtempSync(join(tmpdir(), 'sworn-bench-'));
const children: ChildProcess[] = [];
try {
  await main();
} finally {
  await Promise.all(children.map(stopProgram));
  rmSync(directory, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const upstreamPort = await firstLine(start([join(ROOT, 'bench', 'upstream.ts')]));
  const direct = `http://127.0.0.1:${upstreamPort.trim()}/v1/responses`;
  const ready = join(directory, 'ready.json');
  const sworn = (...words: string[]) => [join(ROOT, 'cli', 'main.ts'), ...words];
  const state = join(directory, 'stack');
  start(
    sworn(
      'dev',
      '--directory',
      state,
      '--upstream',
      new URL('.', direct).href.replace(/\/$/, ''),
      '--upstream-key',
      'k',
    ).concat([
      '--policy',
      join(ROOT, 'examples', 'policies', 'hipaa-clinicians.yaml'),
      '--ready-file',
      ready,
    ]),
  );
  const addresses = await untilWritten(ready);
  const token = await output(
    sworn('dev', 'token', '--directory', state, '--user', 'clinician', '--lifetime', '3600'),
  );
  const admin = await output(
    sworn('dev', 'token', '--directory', state, '--user', 'admin', '--for', 'control-plane'),
  );
  const joined = await output(sworn('plane', 'join-token', 'bench', '--output', 'json'), {
    SWORN_TOKEN: admin,
    SWORN_CONTROL_PLANE: addresses.controlPlane,
  });
  // The plane that is measured runs as in production: a process of its own.
  const port = await freePort();
  const launcher = start([
    ...[join(ROOT, 'bin', 'sworn.js'), 'data-plane'],
    ...['--listen', `127.0.0.1:${port}`, '--control-plane', addresses.controlPlane, '--log-level', 'error'],
    ...['--state-directory', join(directory, 'plane'), '--join-token', JSON.parse(joined).joinToken],
  ]);
  await untilReady(`http://127.0.0.1:${port}/healthz/ready`);
  const plane = childOf(launcher);
  const through = `http://127.0.0.1:${port}/v1/responses`;

  const sync = measureSync();
  process.stdout.write(`fdatasync of this disk: p50 ${ms(sync.p50)}, p99 ${ms(sync.p99)}\n`);
  process.stdout.write(`plane RSS when it is ready: ${rss(plane)}\n\n`);
  process.stdout.write(
    row(
      '',
      ...['direct/s', 'sworn/s', 'ratio', 'added p50', 'added p99', 'TTFB p50', 'TTFB p99'],
      ...['plane CPU', 'plane RSS'],
    ),
  );
  for (const [shape, next] of Object.entries(SHAPES)) {
    for (const connections of [1, 32]) {
      const load = { token, body: next, connections };
      await run({ ...load, connections: WARM_UP_CONNECTIONS, url: through, durationMs: WARM_UP_MS });
      const bare = await run({ ...load, url: direct, durationMs: SECONDS * 1000 });
      const before = processorMs(plane);
      const sworn = await run({ ...load, url: through, durationMs: SECONDS * 1000 });
      const cpu = (processorMs(plane) - before) / (sworn.perSecond * SECONDS);
      const name = `${shape}, ${connections} connection${connections > 1 ? 's' : ''}`;
      report(name, bare, sworn, ms(cpu), rss(plane));
    }
  }
}

/** A conversation about nobody, in so many characters. */
function turns(characters: number): { role: string; content: string }[] {
  const messages: { role: string; content: string }[] = [];
  let content = '';
  const detector = createDetector();
  for (const { text } of generateNegatives(1)) {
    if (detector.scan(text).length > 0) continue;
    content += `${text}\n`;
    if (content.length < MESSAGE_CHARACTERS) continue;
    messages.push({ role: messages.length % 2 === 0 ? 'user' : 'assistant', content });
    content = '';
    if (messages.length * MESSAGE_CHARACTERS >= characters) break;
  }
  return messages;
}

function report(name: string, direct: Figures, sworn: Figures, cpu: string, memory: string): void {
  process.stdout.write(
    row(
      name,
      direct.perSecond.toFixed(0),
      sworn.perSecond.toFixed(0),
      (sworn.perSecond / direct.perSecond).toFixed(3),
      ms(sworn.p50 - direct.p50),
      ms(sworn.p99 - direct.p99),
      ms(sworn.firstByteP50),
      ms(sworn.firstByteP99),
      cpu,
      memory,
    ),
  );
}

function row(name: string, ...cells: string[]): string {
  return `${name.padEnd(34)}${cells.map((cell) => cell.padStart(13)).join('')}\n`;
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}

/** The only process that another one has started (proc(5)). */
function childOf({ pid }: ChildProcess): string {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Memory that a process has now (proc(5)). */
function rss(pid: string): string {
  try {
    const [, kB] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return `${((Number(kB) * 1024) / 1e6).toFixed(0)} MB`;
  } catch {
    return '-';
  }
}

/** The disk's own cost of making a kilobyte durable. */
function measureSync(): { p50: number; p99: number } {
  const file = openSync(join(directory, 'sync'), 'w');
  const times = Array.from({ length: 300 }, () => {
    const startMs = performance.now();
    writeSync(file, Buffer.alloc(1024));
    fdatasyncSync(file);
    return performance.now() - startMs;
  });
  closeSync(file);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

function start(args: string[]): ChildProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: ROOT,
  });
  children.push(child);
  return child;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').once('data', resolve);
    child.once('exit', () => reject(new Error('the provider of the benchmark did not start')));
  });
}

async function output(args: string[], env: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece) => {
    text += piece;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`sworn ended with ${code}`);
  return text.trim();
}

function untilWritten(file: string): Promise<{ controlPlane: string }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the stack did not start')), START_TIMEOUT_MS);
    const watcher = watch(directory, (_event, name) => {
      if (name !== 'ready.json') return;
      clearTimeout(timer);
      watcher.close();
      resolve(JSON.parse(readFileSync(file, 'utf8')));
    });
  });
}

async function untilReady(url: string): Promise<void> {
  const endMs = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < endMs) {
    const ok = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the data plane did not start');
}
