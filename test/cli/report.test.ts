import { expect, test } from 'vitest';
import { CommandFailure } from '../../cli/failure.ts';
import { renderFailure } from '../../cli/report.ts';

const FAILURE = new CommandFailure('the policies have a fault, and here is what it is', {
  metadata: { 'policies/a.yaml:3:4': 'unknown entity; there are ONE, TWO, THREE, FOUR and FIVE' },
  hint: 'sworn policy validate -f policies/ --and a command that is long',
});

test('a failure is folded into the terminal, but for the command to copy', () => {
  expect(renderFailure(FAILURE, 'table', 40)).toBe(
    'sworn: the policies have a fault, and\n' +
      '  here is what it is\n' +
      '  policies/a.yaml:3:4: unknown\n' +
      '    entity; there are ONE, TWO, THREE,\n' +
      '    FOUR and FIVE\n' +
      '  next: sworn policy validate -f policies/ --and a command that is long\n',
  );
});

test('without a terminal each is one line', () => {
  expect(renderFailure(FAILURE, 'table', undefined).split('\n')).toHaveLength(4);
});
