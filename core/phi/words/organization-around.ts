import {
  CITY_MAJOR,
  CITY_WORD,
  COUNTRY,
  CREDENTIAL,
  EPONYM,
  FACILITY,
  MEDICAL,
  MONTH,
  NAME,
  ROLE,
  STATE,
  TITLE,
  WEEKDAY,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import type { Claims } from './claim.ts';
import { DOES } from './organization-middle.ts';
import { COMPANY_BEFORE, isOwn, joined, SENT, TITLES } from './organization-words.ts';
import type { Word } from './run.ts';

const MIN_UPPER_CHARACTERS = 4;
const MAX_UNNAMED_WORDS = 4;
/** Of a company's name with capitals inside: not "CrCl". */
const MIN_CAMEL_CHARACTERS = 6;
const BREAKS = TITLE | CREDENTIAL | WEEKDAY | MONTH | ROLE;

/** "at Bayview", "employee of Brightwater": a name of its own behind a word for being there. */
export function findAfterAt(claims: Claims): void {
  const { words, left } = claims.run;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as Word;
    const before = words[i - 1];
    const cue = i === 0 ? (left.words[0] ?? '') : before?.link === true ? before.text : '';
    const there =
      cue === 'at' ||
      cue === 'attends' ||
      (i === 0 &&
        left.words.length > 1 &&
        (SENT.test(`${left.words[1]} ${cue}`) ||
          /^(?:employed|works|worked|working|work|job|employee|driver|nurse|engineer|teacher|manager) (?:for|by|of|with)$/.test(
            `${left.words[1]} ${cue}`,
          )));
    if (!there || claims.taken(i) || word.initial || TITLES.has(word.text)) continue;
    const care = (word.flags & FACILITY) !== 0 || word.text === 'swedish';
    if (
      !isOwn(word) ||
      !(word.regular || word.upper || word.text.length >= MIN_CAMEL_CHARACTERS) ||
      (word.flags === 0 && words[i + 1]?.gap === 'hyphen') ||
      (words[i + 1]?.gap === 'hyphen' && (word.flags & EPONYM) !== 0) ||
      (words[i + 1]?.gap === 'hyphen' && ((words[i + 1] as Word).flags & EPONYM) !== 0) ||
      (word.flags & MEDICAL) !== 0 ||
      ((word.flags & COUNTRY) !== 0 && !care)
    )
      continue;
    if (cue !== 'at' && (word.flags & (CITY_MAJOR | STATE)) !== 0) continue;
    if (
      word.upper &&
      (word.text.length < MIN_UPPER_CHARACTERS || /^[lr]?[lru]?[ul]sb$|^icu|^pacs|^crcl/.test(word.text))
    )
      continue;
    let to = i + 1;
    while (to < words.length && !claims.taken(to) && !(words[to] as Word).link && joined(words[to] as Word))
      to += 1;
    claims.claim({ entity: 'ORGANIZATION', rule: 'organization.at', score: 0.5 }, i, to);
  }
}

/** What a company is to somebody, before its name. */
const KINDS: ReadonlySet<string> = new Set(
  'supplier employer insurer pharmacy vendor agency carrier payer facility company shelter hospice'.split(
    ' ',
  ),
);

/** "Supplier White Mountain Respiratory": behind such a word the rest of the run is the name. */
export function findAfterKind(claims: Claims): void {
  const { words } = claims.run;
  for (let i = 0; i + 1 < words.length; i++) {
    const next = words[i + 1] as Word;
    if (!KINDS.has((words[i] as Word).text) || next.link || next.gap !== 'space' || claims.taken(i + 1))
      continue;
    let to = i + 1;
    while (
      to < words.length &&
      !claims.taken(to) &&
      ((words[to] as Word).link || joined(words[to] as Word) || (words[to] as Word).gap === 'and')
    )
      to += 1;
    const own = words
      .slice(i + 1, to)
      .some((word) => isOwn(word) && !word.upper && (word.flags & WORD_COMMON) === 0);
    if (to - i > 2 && own)
      claims.claim({ entity: 'ORGANIZATION', rule: 'organization.kind', score: 0.5 }, i + 1, to);
  }
}

/** "insurer GeoBlue", "transported by AirMed": capitals inside a word are a company's, where one is told. */
export function findCamelCase(claims: Claims): void {
  const { words, left } = claims.run;
  const [word] = words as [Word];
  if (words.length > 2 || claims.taken(0) || word.upper || word.regular || word.flags !== 0) return;
  if (/\d/.test(word.text)) return;
  // "ComfortAir delivers his oxygen"
  const long = word.text.length >= MIN_CAMEL_CHARACTERS;
  const does = words.length === 1 && long && left.first && DOES.test(claims.run.right[0] ?? '');
  if (!does && !COMPANY_BEFORE.has(left.words[0] ?? '')) return;
  claims.claim({ entity: 'ORGANIZATION', rule: 'organization.at', score: 0.5 }, 0, 1);
}

/** "from Pelican Bay": some place of two words or more where somebody is or comes from; when all else was looked for. */
export function findUnnamed(claims: Claims): void {
  const { words, left } = claims.run;
  const before = left.words[0] ?? '';
  // Behind "by" and "with" more is written with capitals than names: one of the words must be nobody's.
  const weak =
    /^(?:by|with|for|via|calling|join|joined|agency|employer|insurer|home|facility|shelter|school|daycare|company|church|gym|store|restaurant|firm|camp|snf|pharmacy|called|call|contact|of|per|rebill|bill|billed)$/.test(
      before,
    );
  if (
    !(weak || /^(?:from|at|to|in|into|through|near|attends)$/.test(before)) ||
    words.length < 2 ||
    words.length > MAX_UNNAMED_WORDS
  )
    return;
  const fits = words.every((word, i) => {
    const bare =
      !claims.taken(i) && !word.upper && !word.initial && !word.link && (i === 0 || word.gap === 'space');
    return bare && isOwn(word) && (word.flags & (MEDICAL | BREAKS | COUNTRY | STATE)) === 0;
  });
  if (!fits || words.every((word) => (word.flags & WORD_COMMON) !== 0)) return;
  if (weak && !words.some((word) => (word.flags & (NAME | CITY_WORD)) !== 0 || word.flags === 0)) return;
  claims.claim({ entity: 'ORGANIZATION', rule: 'organization.unnamed', score: 0.4 }, 0, words.length);
}
