import { createInterface } from 'node:readline/promises';

/** Asks on stderr and reads a line of stdin: whether it is `yes` or `y`. An end of stdin is no. */
export async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  process.stderr.write(question);
  let answer: string | undefined;
  for await (const line of lines) {
    answer = line;
    break;
  }
  lines.close();
  // Whoever answers at a terminal has ended the question's line by that.
  if (answer === undefined || !process.stdin.isTTY) process.stderr.write('\n');
  return answer !== undefined && /^y(es)?$/i.test(answer.trim());
}
