import { InvalidArgumentError } from 'commander';

/** The number of a revision as typed: 1 and up. */
export function parseRevision(typed: string): bigint {
  if (/^[1-9][0-9]{0,9}$/.test(typed)) return BigInt(typed);
  throw new InvalidArgumentError('a revision is a number from 1, as policy history shows it.');
}
