import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Runs the pinned `buf` with these arguments in the project's root; throws when it fails. */
export function buf(args: readonly string[]): void {
  const manifest = createRequire(import.meta.url).resolve('@bufbuild/buf/package.json');
  const root = join(import.meta.dirname, '..');
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
  execFileSync(process.execPath, [join(dirname(manifest), 'bin', 'buf'), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  });
}
