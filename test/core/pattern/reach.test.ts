import { expect, test } from 'vitest';
import { compile } from '#core/pattern/compile.ts';
import { parsePattern } from '#core/pattern/parse.ts';
import { Reach } from '#core/pattern/reach.ts';

/** More gatherings than a mark can tell apart. */
const TIMES = 0x1_0000;

test('each state is reached once, however many gatherings were before', () => {
  // Two ways lead to the b.
  const program = compile([parsePattern('(?:a?|c?)b')]);
  const reach = new Reach(program);
  const gather = () => {
    reach.begin();
    for (const start of program.starts) reach.follow(start, undefined);
    return [...reach.collect()];
  };
  const first = gather();
  expect(first).toHaveLength(3);
  for (let i = 0; i < TIMES; i++) reach.begin();
  for (let i = 0; i < 10; i++) expect(gather()).toEqual(first);
});
