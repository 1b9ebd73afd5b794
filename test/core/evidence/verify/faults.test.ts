import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CASES } from './cases/all.ts';

const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
const codes = [...read('core/evidence/verify/fault.ts').matchAll(/^ {2}\| '(\w+)'/gm)].map(
  ([, code]) => code ?? '',
);

test('every fault has a case that it alone catches', () => {
  expect(codes.length).toBeGreaterThan(40);
  const shown = new Set<string>(CASES.map(({ code }) => code));
  // Those of a bundle's form and of lists are in tests of their own.
  const beside = ['bundle/bundle', 'lists/lists']
    .map((name) => read(`test/core/evidence/${name}.test.ts`))
    .join();
  expect(
    codes.filter(
      (code) => !shown.has(code) && !beside.includes(`['${code}'`) && !beside.includes(`'${code}',`),
    ),
  ).toEqual([]);
});

test('every fault is on the page, in its table and at its step', () => {
  const page = read('docs/evidence.md');
  const [, table = ''] = page.split('## Faults');
  expect(codes.filter((code) => !table.includes(`\`${code}\``))).toEqual([]);
  const [steps = ''] = page.split('## Faults');
  const isFound = (code: string) =>
    steps.includes(`\`${code}\``) || (code.startsWith('bundle_') && steps.includes('`bundle_…`'));
  expect(codes.filter((code) => !isFound(code))).toEqual([]);
});
