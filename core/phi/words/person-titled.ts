import { FAMILY_COMMON, GIVEN_COMMON, ROLE, TITLE } from '../lexicon/flags.ts';
import { wordAfter, wordBefore } from './beside.ts';
import type { Claims } from './claim.ts';

/** What only who is cared for does or is: no judge who denied, no bishop who said. */
const CARED_FOR =
  /^(?:refuses|refused|tolerated|vomited|extubated|intubated|ambulated|voided|desatted|coded|slept|ate|coughed|fell|spiked|needs|wants)$/;
const STATE =
  /^(?:still|asking|refusing|vomiting|intubated|extubated|febrile|confused|nauseated|npo|stable|admitted|discharged|sleeping|awake|eating|walking|sick|better|worse|due|allergic|complaining|back|ready|going|on|in)$/;
/** Behind a name that is asked about. */
const ASKED_STATE =
  /^(?:still|intubated|extubated|npo|stable|febrile|back|ready|awake|allergic|going|on|eating)$/;
const TOLD = /^(?:his|her|he|she|that|to|about|we|i|labs|not|when)$/;
const ARTICLE = /^(?:the|a|an|my|our|his|her|their|this|that|your|any|each|every|some|no|to|by|of|with)$/;

/** "Bishop is asking for pain meds", "Is Judge still intubated?", "tell Deacon his labs": a title that is somebody's name. */
export function isTitledName(claims: Claims, index: number): boolean {
  const { words, right, left } = claims.run;
  const word = words[index];
  if (word === undefined || index !== words.length - 1 || word.upper || word.possessive) return false;
  if ((word.flags & (TITLE | ROLE)) === 0 || (word.flags & (FAMILY_COMMON | GIVEN_COMMON)) === 0)
    return false;
  const before = wordBefore(claims, index);
  const after = wordAfter(claims, index);
  if (/^(?:tell|ask|told|asked|text|remind|page)$/.test(before)) return TOLD.test(after);
  if (index === 1 && /^(?:is|was)$/.test(before)) return left.first && ASKED_STATE.test(after);
  if (ARTICLE.test(before) || index > 0) return false;
  if (CARED_FOR.test(after)) return true;
  return /^(?:is|was)$/.test(after) && STATE.test(right[1] ?? '');
}
