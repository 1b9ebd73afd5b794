import { type Output, printValue } from './output.ts';

/** Says what was done to a resource that is no more to be shown. */
export async function printDone(output: Output, name: string, done: string): Promise<void> {
  if (output.format === 'table') await output.write(`${name} ${done}\n`);
  else await printValue(output, { name, done });
}
