import type { Rule } from '../engine/rule/rule.ts';
import { isMachines, UUID } from './unique.ts';

/** Tokens and keys of programs have 95 bits and more. */
const MIN_RANDOM_CHARACTERS = 16;
/** Of two characters that are drawn from the 62 letters and digits, 0.62 are of different sorts; of words and numbers, few. */
const MIN_CHANGES = 0.38;
/** As the automaton asks for it, which words must not come near. */
const IS_MIXED = /\d[0-9_-]*[A-Za-z][A-Za-z_-]*\d/;
/** Not 1.2.840.113619 and others of makers, by which studies of patients are called. */
const STANDARD_OID =
  '(?:2\\.16\\.840\\.1\\.(?:113883|113762|101\\.3)|1\\.2\\.840\\.(?:10008|10045|113549|113556)|1\\.0\\.\\d{4,5}|2\\.5\\.\\d{1,2})';
/** Those of models that many use. */
const FAMILY =
  '(?i:(?:chat)?gpt|o[134]|claude|gemini|gemma|llama|mistral|mixtral|ministral|codestral|qwen|deepseek|command|phi-[34])(?:\\d{1,2}(?:\\.\\d{1,2})?)?';
/** A word, a version or a size, none of which could be a number of anybody. */
const MODEL_PART =
  '[A-Za-z]{1,12}\\d?|\\d{1,2}(?:\\.\\d{1,2})?[a-z]?|\\d{1,3}[BbKk]|(?:2[1-9]|[013-9]\\d)\\d{2}';
/** Its day, which stands behind something else: "phi-2024-03-11.csv" is of that day. */
const MODEL_DAY = '20\\d{2}-\\d{2}-\\d{2}|20\\d{6}|\\d{2}-20\\d{2}';
const PREFIX = /^(?:[a-z]{2,8}[_-]){1,2}/;
/** A number by itself, or a long one: nobody draws such. What is behind it may have been put there to hide it. */
const NUMBER_WITHIN = /(?:^|[_-])\d{3,}(?:[_-]|$)|\d{6}/;

/** How many of its neighbours are of different sorts, of 1: capitals, small letters and digits. */
function changesOf(value: string): number {
  const sorts = value.replaceAll(/[A-Z]/g, 'A').replaceAll(/[a-z]/g, 'a').replaceAll(/\d/g, '0');
  let changes = 0;
  for (let i = 1; i < sorts.length; i++) if (sorts[i] !== sorts[i - 1]) changes += 1;
  return changes / (sorts.length - 1);
}

/** Drawn by a machine: it has capitals, small letters and digits, in no order. */
function isRandom(value: string): boolean {
  const drawn = value.replace(PREFIX, '');
  return (
    drawn.length >= MIN_RANDOM_CHARACTERS &&
    /[A-Z]/.test(drawn) &&
    /[a-z]/.test(drawn) &&
    /\d/.test(drawn) &&
    !NUMBER_WITHIN.test(drawn) &&
    changesOf(drawn) >= MIN_CHANGES
  );
}

function checkMachine(value: string): number {
  if (UUID.test(value)) return value.length;
  return IS_MIXED.test(value) && (isMachines(value) || isRandom(value)) ? value.length : 0;
}

/** What machines call requests, records and files by: no identifier unless a label says whose it is, and never one in part. */
export const MACHINE_RULES: readonly Rule[] = [
  {
    entity: 'UNIQUE_ID',
    name: 'machine.drawn',
    // Before all others that begin with it.
    score: 1,
    nothing: true,
    value: '[A-Za-z0-9]{1,120}(?:[_-]{1,2}[A-Za-z0-9]{1,40}){0,6}',
    gate: '[A-Za-z_-]*\\d[0-9_-]*[A-Za-z][A-Za-z_-]*\\d[A-Za-z0-9_-]*|[0-9A-Fa-f]+(?:-[0-9A-Fa-f]+){4}',
    check: checkMachine,
  },
  {
    // "gpt-4-0613", "claude-3-5-sonnet-20241022": what makers call models by, with nothing in it but words, versions and a day.
    entity: 'UNIQUE_ID',
    name: 'machine.model',
    score: 1,
    nothing: true,
    value: `${FAMILY}-(?:${MODEL_PART})(?:-(?:${MODEL_PART}|${MODEL_DAY})){0,7}|o[134]-(?:${MODEL_DAY})`,
    gate: `${FAMILY}-[A-Za-z0-9.-]+`,
    check: (value) => (/\d/.test(value) ? value.length : 0),
  },
  {
    // "api-version=2024-10-21": of a program's interface.
    entity: 'UNIQUE_ID',
    name: 'machine.version-day',
    score: 1,
    nothing: true,
    value: `(?i:version)["']?[:= ]{1,2}["']?20\\d{2}-\\d{2}-\\d{2}(?:-preview)?`,
  },
  {
    // "(0010,0020)": an element of DICOM, before what looks like its number.
    entity: 'UNIQUE_ID',
    name: 'machine.dicom-tag',
    score: 1,
    nothing: true,
    before: '\\(',
    value: '[0-9A-Fa-f]{4},[0-9A-Fa-f]{4}\\)',
  },
  {
    // "2.16.840.1.113883.6.96": what standards are called by (HL7, DICOM, ISO, PKCS).
    entity: 'UNIQUE_ID',
    name: 'machine.oid',
    score: 1,
    nothing: true,
    value: `${STANDARD_OID}(?:\\.\\d{1,6}){1,12}`,
  },
];
