import { expect, test } from 'vitest';
import { createProgress } from '../../../cli/output/progress.ts';

function streamOf(isTTY: boolean) {
  const written: string[] = [];
  const stream = {
    isTTY,
    write(text: string | Uint8Array) {
      written.push(`${text}`);
      return true;
    },
  };
  return { stream: stream as Pick<NodeJS.WriteStream, 'isTTY' | 'write'>, written };
}

test('a bar on a terminal says how far it is, and goes away', () => {
  const { stream, written } = streamOf(true);
  const progress = createProgress('verifying', 200, stream);
  progress.at(100);
  progress.at(101);
  expect(written).toEqual([`\r\u001b[Kverifying [${'#'.repeat(12)}${'.'.repeat(12)}] 50%`]);
  progress.end();
  progress.end();
  expect(written.slice(1)).toEqual(['\r\u001b[K']);
});

test('nothing of it is written where there is no terminal', () => {
  const { stream, written } = streamOf(false);
  const progress = createProgress('verifying', 0, stream);
  progress.at(1);
  progress.end();
  expect(written).toEqual([]);
});
