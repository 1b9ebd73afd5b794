// The command line. Everything after the first line loads under the compile cache, which halves its start.
import { keepCompiled } from '../program/compile-cache.ts';

keepCompiled(process.env);
const { run } = await import('./run.ts');
await run(process.argv.slice(2));
