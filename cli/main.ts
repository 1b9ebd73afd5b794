// The command line. Everything after the first line loads under the compile cache, which halves its start.
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { run } = await import('./run.ts');
await run(process.argv.slice(2));
