import type { FindingCounts } from '../finding.ts';

/** A text that is masked while it comes. */
export interface MaskStream {
  /** Takes the next chunk; returns what of the text so far may be passed on. */
  push(chunk: string): string;
  /** Ends the text; returns the rest of it. */
  end(): string;
  /** What was masked so far. */
  readonly counts: FindingCounts;
}
