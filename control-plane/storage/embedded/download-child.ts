// Started by download.ts in a process of its own, because mongodb-memory-server's download cannot be aborted.
// argv[2] is the directory to load into; the last line on stdout is the program's path.
import { MongoBinary } from 'mongodb-memory-server-core';

/** Characters of an error that are told to a person. */
const MAX_WORDS = 300;

// The parent holds this pipe open: when it ends, so does this process, however the parent died.
process.stdin.on('end', () => process.exit(1));
process.stdin.resume();

try {
  const path = await MongoBinary.getPath({ downloadDir: process.argv[2] ?? '', checkMD5: true });
  process.stdout.write(`\n${path}\n`, () => process.exit(0));
} catch (error) {
  // The library says what failed in its first line and why in the next ones.
  const words =
    error instanceof Error ? error.message.replace(/\s*\n\s*/g, ' ').slice(0, MAX_WORDS) : 'failed';
  process.stderr.write(`\n${words}\n`, () => process.exit(1));
}
