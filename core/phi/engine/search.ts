import type { Plan } from './plan.ts';
import type { TokenMemo } from './tokens/memo.ts';

/** What is looked for, made ready once. */
export interface Search {
  readonly plan: Plan;
  /** Of all texts that are read by the plan. */
  readonly memo: TokenMemo;
  /** By rule, what its values are: UNWANTED, WANTED, OTHER or NOTHING. */
  readonly kinds: Uint8Array;
  /** Whether any are OTHER, and what is NOTHING is told as well. */
  readonly hasOthers: boolean;
}
