import { MAX_VALUE_CHARACTERS } from './rule/rule.ts';

/** What goes on for longer is judged as far as it goes, and once more from the middle on. */
export const VALUE_CAP_CHARACTERS = 2 * (MAX_VALUE_CHARACTERS + 2);
/** Decided text is cut from the buffer when there is this much of it, to keep short chunks cheap. */
export const TRIM_AT_CHARACTERS = 4_096;
/** Most readings end before this; those that go on may follow the trail of another. */
export const NEAR_CHARACTERS = 64;
/** A long text is read piece by piece: no more of it has to be in memory at once. */
export const MAX_PIECE_CHARACTERS = 32_768;
