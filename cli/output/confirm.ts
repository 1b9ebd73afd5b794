import { createInterface } from 'node:readline/promises';

/** Asks on stderr and reads a line of stdin: whether it is `yes` or `y`. An end of stdin is no. */
export async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  process.stderr.write(question);
  try {
    for await (const line of lines) return /^y(es)?$/i.test(line.trim());
    return false;
  } finally {
    lines.close();
  }
}
