import type { Rule } from '../engine/rule/rule.ts';
import { STATE_NAME } from './address.ts';
import { passesVin } from './checksum.ts';
import { GAP, NUMBER_WORD } from './parts.ts';

const PLATE = `(?i:(?:(?:licen(?:s|c)e|number|car|vehicle|truck|registration)[ _-]?)?plates?|(?:license|vehicle) tag|vehicle registration|tags?)`;
const MIN_PLATE_CHARACTERS = 4;
/** What the makers' codes have, at least. */
const MIN_VIN_LETTERS = 3;
/** A piece of a digest has no such letter. */
const NOT_HEXADECIMAL = /[G-Z]/;

/** Codes of drugs, laws and documents that look like a plate. */
const NO_PLATE =
  /^(?:ABT|ALX|AMG|ARA|ARN|ART|AZD|BAY|BIA|BMS|CEP|CNS|CPT|CVE|DSM|GDC|GMT|GSK|HLA|ICD|INC|ISO|JNJ|LOT|MED|MIM|MLN|CMS|NCT|NDC|NSC|PRT|RFC|SAR|SCH|SEM|TAK|UTC|VER)-/;

/** Letters or a mixture; a figure alone ("plate 3") is hardware of a surgeon. */
function checkPlate(value: string): number {
  // A word in small letters is none of its groups.
  if (/^(?:[a-z]+[ -]|[a-z]{4,}\d{1,2}$)/.test(value)) return 0;
  const end = value.search(/[ -][a-z]+(?:[ -]|$)/);
  const plate = end < 0 ? value : value.slice(0, end);
  const plain = plate.replace(/[ -]/g, '');
  const fits = plain.length >= MIN_PLATE_CHARACTERS && /\d/.test(plain) && /[A-Za-z]/.test(plain);
  return fits ? plate.length : 0;
}

export const VEHICLE_RULES: readonly Rule[] = [
  {
    entity: 'VIN',
    name: 'vin.number',
    score: 0.85,
    value: '[A-HJ-NPR-Z0-9]{17}',
    // Seventeen digits alone are hardly ever one.
    check: (value) => (/[A-Z]/.test(value) && passesVin(value) ? value.length : 0),
  },
  {
    // Outside North America nothing is checked: makers of Europe fill up with Z, and the last four are figures (ISO 3779).
    entity: 'VIN',
    name: 'vin.filled',
    score: 0.5,
    value: '[S-Z][A-HJ-NPR-Z0-9]{2}ZZZ[A-HJ-NPR-Z0-9]{7}\\d{4}',
  },
  {
    // Who copies one makes mistakes, and other makers fill up with nothing: what stands before it tells.
    entity: 'VIN',
    name: 'vin.vehicle',
    score: 0.5,
    behind:
      '(?i:vin|car|vehicle|truck|van|suv|sedan|pickup|jeep|motorcycle|motorbike|trailer|scooter|chassis|audi|bmw|chevy|chevrolet|dodge|ford|honda|hyundai|kia|lexus|mazda|mercedes|nissan|subaru|tesla|toyota|volkswagen|volvo|vw)[^0-9]{0,50}[^A-Za-z0-9]',
    value: '[A-HJ-NPR-Z0-9]{13}\\d{4}',
    check: (value) =>
      NOT_HEXADECIMAL.test(value) && value.replaceAll(/\d/g, '').length >= MIN_VIN_LETTERS ? value.length : 0,
  },
  {
    entity: 'VIN',
    name: 'vin.labelled',
    score: 0.95,
    before: `(?i:vin|vehicle[ _-]?(?:identification|id))${NUMBER_WORD}?${GAP}`,
    value: '[A-Za-z0-9]{11,17}',
    check: (value) => (/\d/.test(value) ? value.length : 0),
  },
  {
    entity: 'LICENSE_PLATE',
    name: 'plate.labelled',
    score: 0.85,
    before: `${PLATE}${NUMBER_WORD}?(?: (?:[A-Z]{2}|${STATE_NAME}))?${GAP}(?:[A-Z]{2}[ -])?`,
    value: '[A-Za-z0-9]{1,8}(?:[ -][A-Za-z0-9]{2,5}){0,2}',
    check: checkPlate,
  },
  {
    // "his van (Oregon 219 KLP)"
    entity: 'LICENSE_PLATE',
    name: 'plate.state',
    score: 0.5,
    before: `(?:${STATE_NAME}|\\([A-Z]{2}|(?i:car|truck|van|suv|vehicle|sedan|pickup|jeep|motorcycle|trailer)[:(]?) \\(?`,
    value: '(?:[A-Z]{2,3}[ -]?\\d{3,4}|\\d{3,4}[ -]?[A-Z]{2,3}|\\d[A-Z]{3} ?\\d{3})',
  },
  {
    // The usual plates of California, and of New York, Texas, Pennsylvania and others.
    entity: 'LICENSE_PLATE',
    name: 'plate.number',
    score: 0.3,
    value: '[1-9][A-Z]{3}\\d{3}|[A-Z]{3}-\\d{4}',
    check: (value) => (NO_PLATE.test(value) ? 0 : value.length),
  },
];
