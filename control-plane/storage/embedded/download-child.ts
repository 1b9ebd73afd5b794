// Started by download.ts in a process of its own, because mongodb-memory-server's download cannot be aborted.
// argv[2] is the directory to load into; the last line on stdout is the program's path.
import { MongoBinary } from 'mongodb-memory-server-core';

// The parent holds this pipe open: when it ends, so does this process, however the parent died.
process.stdin.on('end', () => process.exit(1));
process.stdin.resume();

try {
  const path = await MongoBinary.getPath({ downloadDir: process.argv[2] ?? '', checkMD5: true });
  process.stdout.write(`\n${path}\n`, () => process.exit(0));
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message.split('\n')[0] : 'failed'}\n`, () =>
    process.exit(1),
  );
}
