import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { textWidth } from '../../../cli/output/width.ts';

const SHOWN = fileURLToPath(new URL('./shown.ts', import.meta.url));
/** Of util-linux: that of other systems takes its command otherwise. */
const hasTerminal =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true;

test.runIf(hasTerminal)('what the demo shows fits into the terminal that it runs in', () => {
  const command = `stty cols 70; "${process.execPath}" --disable-warning=ExperimentalWarning "${SHOWN}"`;
  const { status, stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', TERM: 'xterm' },
  });
  expect(status, stdout).toBe(0);
  const lines = stdout.split('\r\n');
  expect(lines).toContain('$ sworn phi entities');
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.filter((line) => textWidth(line) > 70)).toEqual([]);
});
