import { CODES } from './codes.ts';
import { FORMS } from './forms.ts';
import { LABELS } from './labels.ts';
import type { Lines } from './lines.ts';
import { PLACES } from './places.ts';
import { PROGRAMS } from './programs.ts';
import { RECORDS } from './records.ts';
import { SLOTS } from './slots.ts';
import { SPANISH } from './spanish.ts';
import { WORDS } from './words.ts';

/** What a form or a label tells. */
const BY_RULE: readonly Lines[] = [CODES, LABELS, PROGRAMS, RECORDS];
/** What the model has to judge. */
const BY_MODEL: readonly Lines[] = [SPANISH, FORMS, PLACES, SLOTS, WORDS];

export const FOUND_BY_RULE: readonly string[] = BY_RULE.flatMap(({ found }) => found);
export const FOUND: readonly string[] = [...BY_RULE, ...BY_MODEL].flatMap(({ found }) => found);
export const NOTHING: readonly string[] = [...BY_RULE, ...BY_MODEL].flatMap(({ nothing }) => nothing);
