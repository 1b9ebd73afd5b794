import { MAX_VALUE_CHARACTERS, type Rule } from '../engine/rule/rule.ts';
import { ENTITIES } from '../entities.ts';

/** Pieces of patterns that the rules share. */

const SEPARATOR = `[ \\t\\r\\n:=#"'\`→|*_.,()<>\\[\\]\\\\-]`;
const ELEMENT = `(?i:td|th|b|strong|em|span|label|dt|dd|p)`;
/** The end of the element that a label is in, and the start of the one that its value is in. */
const ELEMENTS = `[ :.]{0,2}</${ELEMENT}>[ \\t\\r\\n:=<-]{0,5}(?:${ELEMENT}(?: class="[A-Za-z0-9_ -]{0,12}")?>)?`;
/** What may stand between a label and its value: punctuation, a line break, markup, "is", "was". */
export const GAP = `(?:${SEPARATOR}{1,20}(?:(?i:is|was|of|are|ending in|ends in|on file is)${SEPARATOR}{1,3})?|${ELEMENTS})`;
/** The same for labels that are also ordinary words: a colon, an equals or a number sign must be there, the dots of a form, or the edge of a cell. */
export const STRONG_GAP = `(?:[ \\t"'\`*_\\\\]{0,4}[:=#|\\t]| ?\\.{3,40}|${ELEMENTS})[ \\t\\r\\n"'\`*_#:(\\\\]{0,6}`;
/** What a form says of a label: "(Epic)", "(primary)", "(MM/DD/YYYY)", "(Last, First)". */
export const NOTED = `(?: ?\\([A-Za-z][A-Za-z0-9 /,.-]{0,18}\\))?`;
/** "number", "no.", "IDs" after a label. */
export const NUMBER_WORD = `(?:[ _-]?(?i:(?:number|num|nbr|no|id|identifier|code)s?|#))`;

/**
 * An identifier's usual form: groups of digits, perhaps behind letters, with spaces between; or letters and digits,
 * in groups with dashes or slashes. What may be a date or a time behind the groups is read to be told from them.
 */
const IDENTIFIER = `\\d(?: \\d){5,18}|(?:[A-Z]{1,5}(?:-[A-Z])? )?\\d{1,4}(?: \\d{2,4}){1,5}(?:[/:.-]\\d{1,4})?|[A-Z]{1,3} ?\\d{3,12}(?:[ -]\\d{2,6}){0,3}|[A-Z]{1,5}-?\\d{1,5}(?:[ -]\\d{2,6}){1,4}|\\d{1,3}[A-Z]{1,2} \\d{3,8}|[A-Za-z0-9]{1,120}(?:[-/._][A-Za-z0-9]{1,40}){0,6}`;
/** The same for the automaton, which need not be exact, but wants a figure: every check does, and most that stands behind labels are words. */
const IDENTIFIER_GATE =
  '(?:[A-Za-z]+[-/._])*[A-Za-z]*\\d[A-Za-z0-9]*(?:[-/._][A-Za-z0-9]+)*|(?:[A-Z]+(?:-[A-Z])? )?\\d+(?: \\d+)*(?:[/:.-]\\d+)?|[A-Z]{1,5}[ -]?\\d+(?:[ -]\\d+)*|\\d+[A-Z]{1,2} \\d+';
/** Longer than any identifier is: all of it that a value may have. */
const OVERLONG_IDENTIFIER = `[A-Za-z0-9]{121,${MAX_VALUE_CHARACTERS}}`;

const MIN_IDENTIFIER_DIGITS = 3;
const MIN_IDENTIFIER_CHARACTERS = 4;
/** Groups with spaces between that have fewer digits are several things. */
const MIN_SPACED_DIGITS = 6;

/** Codes that stand for things: publications, trials, drugs, diseases, laboratory tests. */
export const SYSTEM = `(?i:pmid|pmcid|pmc|nct|doi|isbn|issn|isrctn|eudract|snomed(?:[ -]?ct)?|rxnorm|rxcui|loinc|ndc|cpt|hcpcs|icd(?:-?(?:9|10|11))?(?:-cm)?|atc|cas|umls|mesh|orpha|omim|hgnc|dbsnp|clinvar|drg|upc|catalog|cat|part|ref|version|build|grant|chebi|unii|refseq|cvx|code|(?:[a-z_]{0,20}_)?(?:bytes?|ms|size|limit|seed|offset|epoch|timestamp|timeout|hash|trace|span|ttl|retries|ts|time|rows?|count|total|length|cost|loops|uptime))(?: (?:code|codes|number|no|id|#))?`;
/** What may not stand before a code that has no label: such a system, and more of its codes perhaps. */
export const CODE_SYSTEM = `${SYSTEM}["' :=#.-]{0,5}(?:[A-Z]{0,2}[0-9][0-9.-]{2,13}(?:, | \\| |; | and | or |/)){0,4}`;

/** Takes an identifier whole when it has enough digits not to be a word, and is no placeholder with its number. */
export function checkIdentifier(value: string): number {
  if (isPlaceholder(value)) return 0;
  // "Billing: CPT 71046", "a thumbprint (RFC 7638)".
  if (/^(?:CPT|ICD|HCPCS|DRG|NDC|RFC)[ -]?\d/.test(value)) return 0;
  // "a passport of 2019".
  if (/^(?:19|20)\d\d$/.test(value)) return 0;
  if (/^\d+ /.test(value)) return checkSpaced(value);
  const digits = value.replace(/[^0-9]/g, '').length;
  return digits >= MIN_IDENTIFIER_DIGITS && value.length >= MIN_IDENTIFIER_CHARACTERS ? value.length : 0;
}

/** `PHONE_NUMBER_1`, `MRN_ENDING_1111`, or what is left of one behind a label that it begins with. */
function isPlaceholder(value: string): boolean {
  if (!/^[A-Z_]+_\d+$/.test(value)) return false;
  const stem = value.replace(/_?(?:ENDING)?_\d+$/, '');
  return ENTITIES.some(({ name }) => name.endsWith(stem));
}

/** Groups of digits: all of them, or the first one when there are few digits or the rest is a date or a time. */
function checkSpaced(value: string): number {
  const groups = value.replace(/ \d+[/:.-]\d+$/, '');
  if (groups.replace(/[^0-9]/g, '').length >= MIN_SPACED_DIGITS && groups.includes(' ')) return groups.length;
  const first = /^\d+/.exec(value)?.[0] ?? '';
  return first.length >= MIN_IDENTIFIER_CHARACTERS ? first.length : 0;
}

/** A rule for an identifier that only its label tells from other codes. */
export function labelled(rule: Partial<Rule> & Omit<Rule, 'value'> & { readonly before: string }): Rule {
  return {
    value: IDENTIFIER,
    gate: IDENTIFIER_GATE,
    overlong: OVERLONG_IDENTIFIER,
    check: checkIdentifier,
    ...rule,
  };
}
