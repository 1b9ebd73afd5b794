// Started by launch.ts in a process group of its own: `supervisor.ts mongod ARGUMENT...`. It is mongod's parent and
// ends it when its own stdin ends, which the kernel sees to however the process at the other end has died.
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';

/** After this, mongod is killed: its journal is made for that. */
const STOP_TIMEOUT_MS = 8_000;

const [path = '', ...args] = process.argv.slice(2);
// process.stdout and process.stderr are not touched: they would make the pipes that mongod has too non-blocking, and mongod,
// which takes a full pipe for a broken one then, would never say again that it is ready.
const mongod = spawn(path, args, { stdio: ['ignore', 'inherit', 'inherit'] });
mongod.on('error', (error) => {
  writeSync(2, `${error.message}\n`);
  process.exit(1);
});
mongod.on('exit', (code) => process.exit(code ?? 1));

const stop = (): void => {
  mongod.kill('SIGTERM');
  setTimeout(() => mongod.kill('SIGKILL'), STOP_TIMEOUT_MS);
};
process.stdin.on('end', stop);
process.stdin.on('error', stop);
process.stdin.resume();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
