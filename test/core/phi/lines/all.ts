import { FORMS } from './forms.ts';
import type { Lines } from './lines.ts';
import { PLACES } from './places.ts';
import { SLOTS } from './slots.ts';
import { WORDS } from './words.ts';

export const FOUND: readonly string[] = [FORMS, PLACES, SLOTS, WORDS].flatMap(({ found }: Lines) => found);
export const NOTHING: readonly string[] = [FORMS, PLACES, SLOTS, WORDS].flatMap(
  ({ nothing }: Lines) => nothing,
);
