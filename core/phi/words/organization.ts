import {
  CITY_WORD,
  COMPANY,
  COUNTRY,
  CREDENTIAL,
  EPONYM,
  HOSPITAL_FIRST,
  MEDICAL,
  MONTH,
  NAME,
  ROLE,
  TITLE,
  WEEKDAY,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { hospitalPhrase } from '../lexicon/phrase.ts';
import { wordAfter, wordBefore } from './beside.ts';
import type { Claims } from './claim.ts';
import { NAMED_AFTER } from './cues.ts';
import { isAmongEponyms } from './eponym.ts';
import { isKnownOrganization, KNOWN_FIRST } from './known-organizations.ts';
import { findAfterAt, findAfterKind, findCamelCase } from './organization-around.ts';
import { isMiddleHead } from './organization-middle.ts';
import {
  BODIES,
  BODY_FIRST,
  BOOKS,
  GENERIC,
  goesOn,
  HEADS,
  isHeadWord,
  isOwn,
  joined,
  MIDDLE_HEADS,
  PAIRS,
  PRODUCTS,
  SMALL_HEADS,
  TITLES,
  WEAK_HEADS,
} from './organization-words.ts';
import type { Word } from './run.ts';

export { SMALL_HEADS } from './organization-words.ts';

/** Without one of these in a run there is no more to look for than a hospital of the list. */
const TELLING: ReadonlySet<string> = new Set([
  ...HEADS,
  ...WEAK_HEADS,
  ...MIDDLE_HEADS,
  ...BOOKS,
  ...KNOWN_FIRST,
  ...'st saint ste mt mount our'.split(' '),
]);
const SCORE = 0.75;
/** Short forms that stand in names with a full stop. */
const SHORTENED =
  /^(?:st|ste|mt|ft|no|so|dr|jr|sr|wm|chas|geo|jos|univ|inst|assoc|co|bros|med|gen|reg|mem|meth|presb)$/;
/** What schools and clinics lend their name to. */
const SCALES = /^(?:scores?|scales?|criteria|classification|protocol|test|index|nomogram|calculator)$/;
const BREAKS = TITLE | CREDENTIAL | WEEKDAY | MONTH | ROLE;

/** Finds names of hospitals, clinics, schools, companies and other organisations in a run. */
export function findOrganizations(claims: Claims): void {
  const { words, right } = claims.run;
  const telling = words.some((word) => TELLING.has(word.text) || (word.flags & COMPANY) !== 0);
  if (telling || BOOKS.has(right[0] ?? '')) findNamed(claims);
  findHospitals(claims);
  for (let i = words.length - 1; i >= 0 && telling; i--) {
    if (!claims.taken(i) && (isHead(words, i) || isMiddleHead(claims, i))) claimAround(claims, i);
  }
  findSmallHead(claims);
  findAfterKind(claims);
  findAfterAt(claims);
  findCamelCase(claims);
}

/** Organisations that are known, and those that are called after somebody. */
function findNamed(claims: Claims): void {
  const { words } = claims.run;
  for (let i = words.length - 1; i >= 0; i--) {
    if (claims.taken(i)) continue;
    const known = isKnownOrganization(words, i, wordBefore(claims, i));
    // "Vanderbilt forms".
    // "Sharp" and "Target" begin sentences and fields.
    if (known === 1 && i === 0 && claims.run.left.first && ((words[0] as Word).flags & WORD) !== 0) continue;
    const after = words[i + known]?.text ?? claims.run.right[0] ?? '';
    if (BOOKS.has(after) || BOOKS.has(words[i + known + 1]?.text ?? '')) {
      claims.exclude(i, i + known + (BOOKS.has(after) ? 1 : 2));
      continue;
    }
    // "Mayo 9/12", "Cornell 14": a scale.
    const last = words[i + known] === undefined && claims.run.numbered;
    const there = /^(?:at|to|from|in|near|by|via)$/.test(wordBefore(claims, i));
    if (known === 1 && last && !there && ((words[i] as Word).flags & EPONYM) !== 0) {
      claims.exclude(i, i + 1);
      continue;
    }
    if (
      (known > 1 && SCALES.test(after)) ||
      (known === 1 && (NAMED_AFTER.has(after) || PRODUCTS.has(after) || isTermHere(claims, i, after)))
    ) {
      claims.exclude(i, i + known);
    } else if (known > 0) {
      claims.claim({ entity: 'ORGANIZATION', rule: 'organization.known', score: SCORE }, i, i + known);
    }
  }
  findSaints(claims);
  findLadies(claims);
}

/** "the Stanford and DeBakey classifications", "Vanderbilt positive": what is called after a school or a town. */
function isTermHere(claims: Claims, index: number, after: string): boolean {
  const word = claims.run.words[index] as Word;
  const last = index === claims.run.words.length - 1;
  if (word.upper && claims.run.numbered && last) return true;
  // "Yale insulin infusion protocol", "Harvard step test"
  if (last && SCALES.test(claims.run.right[1] ?? '') && !SMALL_HEADS.has(after)) return true;
  if ((word.flags & EPONYM) === 0) return false;
  return /^(?:positive|negative|screen|score)$/.test(after) || isAmongEponyms(claims, index, index + 1);
}

/** "St. Mary's", "Saint Jude, "Mount Sinai": a place of care when a possessive or nothing else follows. */
function findSaints(claims: Claims): void {
  const { words } = claims.run;
  for (let i = 0; i + 1 < words.length; i++) {
    const [saint, name] = [words[i] as Word, words[i + 1] as Word];
    if (claims.taken(i) || claims.taken(i + 1) || name.initial) continue;
    // "Ventralight ST. Stapler: Echelon"
    if (saint.upper && !name.upper) continue;
    if (!/^(?:st|saint|ste|mt|mount)$/.test(saint.text) || !(name.gap === 'space' || name.gap === 'stop'))
      continue;
    let to = i + 2;
    while (to < words.length && joined(words[to] as Word) && isHeadWord(words[to] as Word)) to += 1;
    if (!name.possessive && to === i + 2 && (name.flags & NAME) === 0) continue;
    // "St. John's wort"
    if (to === words.length && claims.run.right[0] === 'wort') {
      claims.exclude(i, to);
      continue;
    }
    claims.claim({ entity: 'ORGANIZATION', rule: 'organization.saint', score: SCORE }, i, to);
  }
}

/** Hospitals of the list. */
function findHospitals(claims: Claims): void {
  const { words } = claims.run;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as Word;
    if (claims.taken(i) || word.link || (word.flags & HOSPITAL_FIRST) === 0) continue;
    let end = i + 1;
    while (end < words.length && !claims.taken(end) && (words[end] as Word).gap !== 'comma') end += 1;
    if (end - i < 2) continue;
    const span = words.slice(i, end);
    const length = hospitalPhrase(
      span.map((other) => (other.possessive ? `${other.text}'s` : other.text)),
      0,
    );
    if (length < 2 || span.slice(0, length).every((other) => other.link || GENERIC.has(other.text))) continue;
    claims.claim({ entity: 'ORGANIZATION', rule: 'organization.hospital', score: SCORE }, i, i + length);
  }
}

/** "Our Lady of the Lake": a place of care or a church. */
function findLadies(claims: Claims): void {
  const { words } = claims.run;
  for (let i = 0; i + 3 < words.length; i++) {
    if (
      claims.taken(i) ||
      words[i]?.text !== 'our' ||
      words[i + 1]?.text !== 'lady' ||
      words[i + 2]?.text !== 'of'
    )
      continue;
    let to = i + 3;
    while (to < words.length && !claims.taken(to) && ((words[to] as Word).link || joined(words[to] as Word)))
      to += 1;
    claims.claim({ entity: 'ORGANIZATION', rule: 'organization.saint', score: SCORE }, i, to);
  }
}

/** Whether the word ends the name of an organisation. */
function isHead(run: readonly Word[], index: number): boolean {
  const word = run[index] as Word;
  if (word.link) return false;
  if (HEADS.has(word.text)) return true;
  if ((word.flags & COMPANY) !== 0 && word.text.length > 2 && run[index - 1]?.link !== true) return true;
  if (!WEAK_HEADS.has(word.text)) return false;
  const before = run[index - 1];
  // "Fick CO 3.9"
  if (word.upper && word.text.length < 3 && before?.upper !== true) return false;
  if (before === undefined || !joined(word) || (before.link && before.text !== 'and')) return false;
  if (PAIRS.some(([first, second]) => first.has(before.text) && second.has(word.text))) return true;
  // "Bayou Kidney Care": some word before it is no usual one.
  const from = before.link ? index - 1 : index - 2;
  for (let i = from; i >= 0 && (i === from || joined(run[i + 1] as Word)); i--) {
    const other = run[i] as Word;
    if (!other.link && !other.upper && isOwn(other) && (other.flags & WORD_COMMON) === 0) return true;
  }
  if (before.link) return false;
  // "Blue Mesa Health": more than one word, the last a name of something.
  const twice = index > 1 && joined(before) && !(run[index - 2] as Word).link;
  if (
    twice &&
    !before.upper &&
    isOwn(before) &&
    (before.flags & (WORD_COMMON | MEDICAL)) === 0 &&
    (before.flags & (NAME | CITY_WORD)) !== 0
  )
    return true;
  // "Baptist Memorial", "Lakefront General".
  if (/^(?:memorial|general|methodist|presbyterian|baptist)$/.test(word.text) && !GENERIC.has(before.text)) {
    return (before.flags & (WORD_COMMON | MEDICAL | BREAKS)) === 0;
  }
  // Behind a word of its own: "Brightwater Group", but not "Treatment Group".
  return (before.flags & (WORD | WORD_COMMON | MEDICAL | BREAKS | COUNTRY)) === 0 && !before.initial;
}

/** Takes all words before the head that belong to it, and what follows it with `of` or as another head. */
function claimAround(claims: Claims, head: number): void {
  const { words } = claims.run;
  let to = head + 1;
  while (to < words.length && !claims.taken(to) && goesOn(words[to] as Word)) to += 1;
  if (words[to]?.link === true && /^(?:of|at|for)$/.test((words[to] as Word).text)) {
    let next = to + 1;
    while (words[next]?.link === true) next += 1;
    const from = next;
    while (next < words.length && !claims.taken(next) && (next === from || joined(words[next] as Word)))
      next += 1;
    if (next > from && isOwn(words[from] as Word)) to = next;
  }
  let from = head;
  while (from > 0 && belongs(claims, from)) from -= 1;
  while (from < head && skipped(words[from] as Word, from === 0 && claims.run.left.first)) from += 1;
  const span = words.slice(from, to);
  const book = span.some((word) => BOOKS.has(word.text)) || BOOKS.has(words[to]?.text ?? '');
  if (
    book ||
    (span.some((word) => BODY_FIRST.has(word.text)) && span.some((word) => BODIES.has(word.text)))
  ) {
    claims.exclude(from, to);
    return;
  }
  // In a heading of capitals, ordinary words name a ward.
  const heading = span.every((word) => word.upper || word.link);
  const own = span.some((word, i) => {
    const kind = WEAK_HEADS.has(word.text) && (word.flags & WORD_COMMON) !== 0;
    return from + i !== head && isOwn(word) && !kind && !(heading && isPlain(word));
  });
  if (!own) return;
  // "Kidd and Lutheran antigens"
  if (/^(?:antigens?|antibody|antibodies)$/.test(wordAfter(claims, to - 1))) return;
  claims.claim({ entity: 'ORGANIZATION', rule: 'organization.head', score: SCORE }, from, to);
}

/** Whether the word before `index` is part of the same name. */
function belongs(claims: Claims, index: number): boolean {
  const { words } = claims.run;
  const word = words[index] as Word;
  const before = words[index - 1] as Word;
  if (claims.taken(index - 1) || !(joined(word) || word.gap === 'hyphen' || word.gap === 'and')) return false;
  if (before.link) return /^(?:of|the|and|de|la|del|las|los|san)$/.test(before.text) && index >= 2;
  if (TITLES.has(before.text) || ((before.flags & CREDENTIAL) !== 0 && before.upper)) return false;
  return !(before.stop && word.gap === 'stop' && !before.initial && !SHORTENED.test(before.text));
}

/** A word that no name begins with. */
function skipped(word: Word, first: boolean): boolean {
  if (word.link) return true;
  if ((word.flags & (WEEKDAY | ROLE)) !== 0) return true;
  return GENERIC.has(word.text) && (first || (word.flags & WORD_COMMON) !== 0) && !isHeadWord(word);
}

function isPlain(word: Word): boolean {
  return (word.flags & WORD) !== 0 && (word.flags & (NAME | CITY_WORD)) === 0;
}

/** "Mercy hospital", "Lincoln high school": the head is written small. */
function findSmallHead(claims: Claims): void {
  const { words, right, rightEnds } = claims.run;
  const last = words.length - 1;
  const [first = '', second = ''] = right;
  if (claims.taken(last)) return;
  if (!SMALL_HEADS.has(first)) return;
  const pair = PAIRS.some(([a, b]) => a.has(first) && b.has(second));
  if (!pair && !/^(?:hospital|clinic|university|college|pharmacy|hospice)$/.test(first)) return;
  let from = last;
  while (from > 0 && belongs(claims, from)) from -= 1;
  while (from < last && skipped(words[from] as Word, from === 0 && claims.run.left.first)) from += 1;
  const word = words[last] as Word;
  if ((word.flags & (BREAKS | COUNTRY)) !== 0 || !isOwn(word) || (word.upper && word.text.length < 3)) return;
  if ((word.flags & WORD_COMMON) !== 0 && claims.run.left.first && from === 0) return;
  const end = rightEnds[pair ? 1 : 0] ?? 0;
  claims.claim({ entity: 'ORGANIZATION', rule: 'organization.head', score: SCORE }, from, last + 1, end);
}
