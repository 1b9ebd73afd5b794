import type { Finding } from './finding.ts';

/** A text that is looked through while it comes. Places are UTF-16, those of the text that was pushed. */
export interface TextScan {
  push(chunk: string): void;
  /** Decides all that is left. */
  end(): void;
  /** Takes the findings decided so far, in order. */
  take(): readonly Finding[];
  /** All before this place of the text may be emitted. */
  readonly emittable: number;
  readonly length: number;
}

/** What is not looked for, or is no identifier at all. */
export type OtherFinding = Finding & { readonly nothing?: true };

/** One that finds in the same pass what is not looked for, too. */
export interface WatchingScan extends TextScan {
  /** Takes such findings decided so far, in order; they overlap with those of `take`, not with one another. */
  takeOthers(): readonly OtherFinding[];
}
