// Lints the .proto files and proves that proto/gen is what they generate. `npm run check:proto`.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buf } from './buf.ts';

const committed = join(import.meta.dirname, 'gen');
const fresh = mkdtempSync(join(tmpdir(), 'sworn-proto-'));
try {
  buf(['lint']);
  buf(['generate', '--output', fresh]);
  const stale = differences(committed, join(fresh, 'proto', 'gen'));
  if (stale.length > 0) {
    process.stderr.write(`proto/gen is not what the .proto files generate; run 'npm run generate':\n`);
    for (const file of stale) process.stderr.write(`  ${file}\n`);
    process.exitCode = 1;
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

/** Files that are in one folder only or differ between the two. */
function differences(left: string, right: string): string[] {
  const files = new Set([...listFiles(left), ...listFiles(right)]);
  return [...files].filter((file) => read(join(left, file)) !== read(join(right, file))).sort();
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
