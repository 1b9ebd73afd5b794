import { CommandFailure } from '../failure.ts';

/** The part of an answer without which it says nothing; proto3 lets every message field be absent. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined)
    throw new CommandFailure(`the control plane's answer has no ${what}`, { code: 'bad_answer' });
  return value;
}
