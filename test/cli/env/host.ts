// The command line, run again and again in one process (see call.ts): all is as in a process of its own but for the streams.
import { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../../cli/run.ts';
import type { Call } from './call.ts';
import type { Run } from './run.ts';

const LOOK_MS = 2;
/** What a pipe gives at once. */
const CHUNK_BYTES = 65_536;

function* chunksOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

/** A stream that keeps what is written, and its text so far. */
function collector(): { readonly stream: Writable; readonly text: () => string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

/** Resolves once nothing would keep a process of its own from ending: what a command leaves open is a fault. */
async function untilNothingRuns(): Promise<void> {
  // The pipes are this process's own.
  while (process.getActiveResourcesInfo().some((name) => name !== 'PipeWrap')) await sleep(LOOK_MS);
}

async function answer({ args, env, stdin }: Call): Promise<Run> {
  const [stdout, stderr] = [collector(), collector()];
  const input = Readable.from(chunksOf(Buffer.from(stdin)), { objectMode: false });
  const streams = { stdin: input, stdout: stdout.stream, stderr: stderr.stream };
  for (const [name, value] of Object.entries(streams)) {
    Object.defineProperty(process, name, { value, configurable: true });
  }
  for (const name of Object.keys(process.env)) delete process.env[name];
  // An environment has texts alone: undefined would become one.
  for (const [name, value] of Object.entries(env)) if (value !== undefined) process.env[name] = value;
  process.exitCode = 0;
  await run(args);
  await untilNothingRuns();
  // Of each command that a signal would have ended.
  process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM');
  const exitCode = Number(process.exitCode);
  process.exitCode = 0;
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

let last = Promise.resolve();
process.on('message', (call: Call) => {
  last = last.then(async () => {
    const result = await answer(call);
    process.send?.(result);
  });
});
// The test's process is gone.
process.on('disconnect', () => process.exit());
