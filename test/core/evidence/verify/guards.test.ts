import { expect, test } from 'vitest';
import { CASES } from './cases/all.ts';
import { verify } from './synthetic.ts';

test.each(CASES)('only $code catches: $what', async ({ code, evidence, leaf }) => {
  const { faults } = await verify(await evidence());
  expect(faults.map((fault) => fault.code)).toEqual([code]);
  if (leaf !== undefined) expect(faults[0]?.index).toBe(leaf);
});
