import { expect, test } from 'vitest';
import { parsePattern } from '#core/pattern/parse.ts';
import { Threads } from '#core/phi/custom/floating/threads.ts';

/** More steps than a mark can tell apart. */
const STEPS = 0x1_0000 + 10;

test('a step reaches the same threads however many steps were before', () => {
  const threads = new Threads([
    { context: parsePattern('id'), watched: parsePattern('(?:[a-d]|a){1,3}a*x') },
  ]);
  const classOf = (letter: string) => threads.classes[letter.charCodeAt(0)] as number;
  const read = (text: string) => {
    let state = new Int32Array();
    for (let i = 1; i < text.length; i++) {
      threads.advance(classOf(text[i - 1] as string), state, classOf(text[i] as string));
      state = threads.reached.slice(0, threads.count);
    }
    return [...state];
  };
  const first = read('idaa');
  expect(first.length).toBeGreaterThan(1);
  for (let i = 0; i < STEPS; i++) threads.set(new Int32Array());
  for (let i = 0; i < 10; i++) expect(read('idaa')).toEqual(first);
});
