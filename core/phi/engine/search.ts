import type { EntityName } from '../entities.ts';
import type { TokenMemo } from './memo.ts';
import type { Mentions } from './mentions.ts';
import type { Plan } from './plan.ts';
import type { Located } from './rule.ts';

/** Reads the run of capitalised words that begins at a place; nothing from `end` on becomes part of it. */
export interface RunReader {
  readonly entities: readonly EntityName[];
  /** Whether a run may begin at the place. */
  begins(text: string, start: number): boolean;
  /** Adds what it finds, and returns where the run ends. `mentions`: who was named before. */
  read(text: string, start: number, end: number, mentions: Mentions, found: Located[]): number;
}

/** What is looked for, made ready once. */
export interface Search {
  readonly plan: Plan;
  /** Of all texts that are read by the plan. */
  readonly memo: TokenMemo;
  /** Absent when nothing that it finds is looked for. */
  readonly runs: RunReader | undefined;
  readonly entities: ReadonlySet<EntityName>;
  /** By rule, what its values are: UNWANTED, WANTED or OTHER. */
  readonly kinds: Uint8Array;
  /** Whether any are OTHER. */
  readonly hasOthers: boolean;
}
