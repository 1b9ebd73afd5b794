import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createShell } from '../../../cli/commands/dev/demo/shell.ts';

/** Runs one command as the demo shows it. */
const shell = createShell({
  root: fileURLToPath(new URL('../../../', import.meta.url)),
  directory: tmpdir(),
  signal: new AbortController().signal,
});
const { code } = await shell.sworn(['phi', 'entities'], {}).done;
process.exitCode = code;
