import {
  CITY_MAJOR,
  CREDENTIAL,
  EPONYM,
  FAMILY,
  GIVEN_COMMON,
  MEDICAL,
  NAME,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';
import { wordAfter, wordBefore } from './beside.ts';
import { BRANDS } from './brand.ts';
import type { Claims } from './claim.ts';
import { KIN, PERSON_BEFORE_STRONG, PERSON_DOES } from './cues.ts';
import { isBareEponym } from './eponym.ts';
import type { Run, Word } from './run.ts';

const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

/** What is compared stands on both sides of these. */
const RIVALS = words('or vs versus than nor');
/** Before the name of a variant, an antigen or a strain: "Hb Lepore", "anti-Duffy". */
const VARIANT_OF = words('hb hgb hemoglobin haemoglobin anti haplotype serogroup serovar genotype epitope');
/** Labels of rows in which things of medicine stand, whatever they are called after. */
const HEADINGS = words(
  `incision incisions position positions positioning suture sutures mesh implant implants retractor retractors instrument
  instruments bundle bundles classification classifications scale scales score scores criteria sign signs maneuver maneuvers
  manoeuvres reflexes eponym eponyms clamp clamps drain drains catheter catheters brands stain stains agar media syndromes
  bodies inclusions panel panels software vendors organism organisms virus viruses virology bacteriology trials studies
  theories theorists models formulas formulae equations hernias fractures antigens antibodies phenotype variants lasers
  splints braces collars orthoses staplers scopes blades knots forceps speculums anthropometry growth tests diet diets exercise exercises shoes scrubs`,
);
/** "Löfgren or Heerfordt": what is compared with the run. */
const RIVAL = /^ (?:or|vs\.?|versus|than|nor|=) (\p{Lu}[\p{L}']+)/u;
/** "MVA 0.9 cm2, Wilkins 7, PASP 61": a figure behind the run, and a measure before it. */
const FIGURE_BEHIND = /^ \d{1,2}(?:\.\d)?(?:[,;.)]|$)/;
const MEASURE_BEFORE = /(?:\d\.\d{1,3}|\d ?(?:%|mmhg|mm|cm2|cm|mg|kg|ml|bpm|l))[a-z0-9/]{0,6}[,;] $/i;
/** So many things in a row make one of whatever else stands in it. */
const MIN_TERMS = 2;

/**
 * Whether a name stands where things of medicine stand: beside one across "or" or "vs", in a row with several, in a row
 * of measures, behind the label of such a row. Who is told of as somebody stays.
 */
export function isAmongTerms(claims: Claims, from: number, to: number): boolean {
  const { run } = claims;
  const span = run.words.slice(from, to).filter((word) => !word.link);
  const last = span.at(-1) as Word;
  const before = wordBefore(claims, from);
  if (VARIANT_OF.has(before)) return true;
  if (isSomebody(claims, from, to, span)) return false;
  if (from === 0 && HEADINGS.has(run.left.heading)) return true;
  if (to === run.words.length && span.length === 1 && isMeasured(run)) return true;
  if (isRival(claims, from, to)) return true;
  if (last.possessive) return false;
  return termsInRow(claims, from, to) >= MIN_TERMS;
}

/** What is said of people only, and whole names. */
function isSomebody(claims: Claims, from: number, to: number, span: readonly Word[]): boolean {
  const { run } = claims;
  const [first, last] = [span[0] as Word, span.at(-1) as Word];
  const after = wordAfter(claims, to - 1);
  if (run.apposition && to === run.words.length) return true;
  if (from === 0 && (run.left.afterAge || run.left.afterRole)) return true;
  if (PERSON_BEFORE_STRONG.has(wordBefore(claims, from)) || PERSON_DOES.has(after)) return true;
  if (last.possessive && KIN.has(after)) return true;
  const next = run.words[to];
  if (next?.upper === true && (next.flags & CREDENTIAL) !== 0 && !next.initial) return true;
  const whole =
    span.length > 1 &&
    last.gap === 'space' &&
    (first.flags & GIVEN_COMMON) !== 0 &&
    (last.flags & FAMILY) !== 0 &&
    !isTerm(last);
  return whole || span.some((word) => word.initial && word.stop);
}

function isRival(claims: Claims, from: number, to: number): boolean {
  const { left, words: all, behind } = claims.run;
  const rival = to === all.length ? (RIVAL.exec(behind)?.[1]?.toLowerCase() ?? '') : '';
  const [or = '', other = ''] = left.words;
  if (from === 0 && RIVALS.has(or) && isTermText(other)) return true;
  return rival !== '' && isTermText(rival);
}

/** Whether the run stands in a row of measures with a figure behind it. */
function isMeasured({ behind, ahead }: Run): boolean {
  return FIGURE_BEHIND.test(behind) && MEASURE_BEFORE.test(ahead);
}

/** How many other things of medicine stand in the row of a word, with commas, slashes or "and" between. */
function termsInRow(claims: Claims, from: number, to: number): number {
  const { words: all } = claims.run;
  let terms = 0;
  for (let i = from; i > 0 && isJoint(all, i); ) {
    i -= (all[i] as Word).gap === 'space' ? 2 : 1;
    if (isTerm(all[i])) terms += 1;
  }
  for (let i = to; i < all.length && (all[i]?.link === true || isJoint(all, i)); ) {
    if (all[i]?.link === true) i += 1;
    if (isTerm(all[i])) terms += 1;
    i += 1;
  }
  return terms;
}

/** Whether the word at a place is another thing of a row than the one before it. */
function isJoint(all: readonly Word[], index: number): boolean {
  const { gap, link } = all[index] as Word;
  if (link) return false;
  if (gap === 'comma' || gap === 'slash' || gap === 'and') return true;
  return gap === 'space' && all[index - 1]?.text === 'and';
}

function isTerm(word: Word | undefined): boolean {
  if (word === undefined || word.link || word.upper || word.possessive) return false;
  return isBareEponym(word) || BRANDS.has(word.text) || isMedical(word.flags);
}

function isTermText(text: string): boolean {
  const flags = lookUp(text);
  return isBareEponym({ text, flags }) || BRANDS.has(text) || isMedical(flags);
}

function isMedical(flags: number): boolean {
  return (flags & MEDICAL) !== 0 && (flags & (NAME | WORD_COMMON)) === 0 && (flags & EPONYM) === 0;
}

/** Towns whose names are those of scales, criteria and classifications. */
const SCALE_TOWNS = words(
  `liverpool glasgow edinburgh oxford cambridge vancouver geneva toronto boston seattle chicago rome paris vienna montreal
  lugano prague tokyo milan barcelona atlanta berlin kigali fukuoka sydney sapporo kyoto lyon baltimore copenhagen london
  houston heidelberg helsinki oslo tampa minnesota michigan memphis rotterdam amsterdam rochester newcastle southampton
  birmingham leeds banff cincinnati baveno maastricht bethesda denver`,
);
/** Towns, rivers and woods that viruses, bacteria and their fevers are called after. */
const GERM_PLACES = words(
  `norwalk coxsackie marburg ebola zika lassa hantaan powassan lyme pontiac malta queensland heartland bourbon jamestown
  hendra nipah mayaro oropouche dengue chikungunya crosse louis nile enterovirus norovirus rotavirus echovirus`,
);
/** Before "in" and a disease. */
const FOUND =
  /^(?:does|do|did|seen|occurs?|found|common|rare|used|raised|elevated|low|high|normal|present|absent|positive|negative|helps?|works?)$/;
/** A year or a version, but no ZIP code. */
const YEAR_BEHIND = /^ \d{1,4}(?![0-9])/;

/** Whether a town stands for what is called after it: "Tokyo 2018", "La Crosse, Powassan", "in Gilbert, bilirubin". */
export function isTermTown(claims: Claims, from: number, to: number): boolean {
  const { run } = claims;
  const last = run.words[to - 1] as Word;
  const before = wordBefore(claims, from);
  const there = /^(?:in|from|near|to|at|outside|around|via|through)$/.test(before);
  if (
    GERM_PLACES.has(last.text) &&
    rowOf(claims, from, to).some((word) => GERM_PLACES.has(word.text) || isTerm(word))
  )
    return true;
  if (SCALE_TOWNS.has(last.text) && !there) {
    if (to === run.words.length && YEAR_BEHIND.test(run.behind)) return true;
    if (rowOf(claims, from, to).some((word) => isTerm(word))) return true;
    if (
      to === run.words.length &&
      run.right.some((word) =>
        /^(?:criteria|definitions?|scor(?:e|es|ing)|classifications?|grad(?:e|es|ing)|staging|system|scale|guidelines?|consensus|notation|protocol)$/.test(
          word,
        ),
      )
    )
      return true;
  }
  // "does it work in Gilbert?": of what is a disease as well.
  if (before !== 'in' || (last.flags & EPONYM) === 0) return false;
  if (from === 1 && run.left.first) return !isHome(claims, to);
  if (from !== 0) return false;
  const [, further = ''] = run.left.words;
  if (FOUND.test(further)) return true;
  const plain = isBareEponym(last) && (last.flags & CITY_MAJOR) === 0;
  return plain && /^(?:the|it|does|do|what|which|are|can)$/.test(wordAfter(claims, to - 1));
}

/** Whether something stands behind it that a town has there: a state, a number of a house. */
function isHome(claims: Claims, to: number): boolean {
  const { run } = claims;
  return run.words.length > to || run.numbered;
}

/** The words on both sides of a word in a row. */
function rowOf(claims: Claims, from: number, to: number): readonly Word[] {
  const { words: all } = claims.run;
  const row: Word[] = [];
  const before =
    all[from - 1]?.link === true ? all[from - 2] : isJoint(all, from) ? all[from - 1] : undefined;
  const next =
    all[to]?.link === true ? all[to + 1] : to < all.length && isJoint(all, to) ? all[to] : undefined;
  if (before !== undefined) row.push(before);
  if (next !== undefined) row.push(next);
  return row;
}
