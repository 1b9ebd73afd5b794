import type { Rule } from '../engine/rule/rule.ts';
import { digitsOf, passesLuhn } from './checksum.ts';
import { checkIdentifier, GAP, labelled, NUMBER_WORD, STRONG_GAP } from './parts.ts';

const DEVICE = `(?i:pacemaker|icd|defibrillator|implant(?:able device)?|device|insulin pump|pump|cgm|glucose (?:meter|monitor)|hearing aid|prosthesis|stent|valve|lead|generator|ventilator|monitor|cpap|stimulator|port|transmitter|sensor|receiver|concentrator|nebulizer|wheelchair|walker|tracker|apple watch|watch|defib|aed|isolette|incubator|scope|endoscope|cuff|tablet|ipad|laptop|hub|reader|loop recorder|recorder|holter|patch|band|implant|screw|cage|knee|hip|lens|iol|mesh|tx|probe|thermometer|oximeter|inhaler|pen)`;
const SERIAL = `(?i:serial|s/n|sn|udi|unique device identifier|device identifier)`;
const IMEI_DIGITS = 15;

/** 3GPP TS 23.003, 6.2: fourteen digits and a Luhn check digit; sixteen with a software version. */
function checkImei(value: string): number {
  const digits = digitsOf(value);
  const fits = digits.length > IMEI_DIGITS || passesLuhn(digits);
  return fits ? value.length : 0;
}

export const DEVICE_RULES: readonly Rule[] = [
  {
    entity: 'DEVICE_ID',
    name: 'device.udi',
    score: 0.9,
    anywhere: true,
    // GS1 application identifiers: (01) the device, then (11) (17) dates, (10) lot, (21) serial number.
    value: '\\(01\\) ?\\d{14}(?: ?\\((?:11|17|10|21|240)\\) ?[A-Za-z0-9/.-]{1,20}){0,5}',
  },
  {
    entity: 'DEVICE_ID',
    name: 'device.udi-plain',
    score: 0.85,
    value:
      '01\\d{14}(?:1[17]\\d{6}){1,2}(?:10|21)[A-Za-z0-9]{3,20}|\\+[A-Z]\\d{3}[A-Z0-9]{2,20}(?:/[$A-Z0-9+]{3,40}){1,3}',
  },
  labelled({
    entity: 'DEVICE_ID',
    name: 'device.labelled',
    score: 0.85,
    // A structured numeric of HL7 is no serial number.
    unless: 'OBX\\|\\d{1,4}\\|SN\\|',
    before: `(?:(?:${DEVICE}[ ,]{1,2})?${SERIAL}(?:[ _-]?${NUMBER_WORD}|'s)?${GAP}|${DEVICE}${NUMBER_WORD}${GAP}|(?i:model)[ #:]{1,3}[A-Za-z0-9-]{2,12}[, ]{1,2}(?i:serial|sn|s/n)[ #:]{1,3})`,
    // "ICD code: Z00.00" is a diagnosis.
    check: (value) => (/^[A-Z]\d\d(?:\.\w{1,4})?$/.test(value) ? 0 : checkIdentifier(value)),
  }),
  {
    entity: 'DEVICE_ID',
    name: 'device.beside',
    score: 0.6,
    before: `${DEVICE}(?i: id)?[ (]{1,2}`,
    value: '[A-Z0-9]{6,14}|[A-Z0-9]{1,6}(?:[- ][A-Z0-9]{2,8}){1,3}',
    check: (value) =>
      (/[A-Z].*[A-Z]/.test(value) && /\d.*\d/.test(value)) ||
      (/[A-Z]/.test(value) && /\d.*\d.*\d.*\d.*\d/.test(value))
        ? value.length
        : 0,
  },
  labelled({
    entity: 'DEVICE_ID',
    name: 'device.lot',
    score: 0.7,
    before: `(?i:lot)(?:${NUMBER_WORD}${GAP}|${STRONG_GAP})`,
  }),
  {
    entity: 'DEVICE_ID',
    name: 'device.lot-beside',
    score: 0.6,
    before: '(?i:lot) ',
    // "ARAB4412X", "VNC3R044"
    value: '[A-Z0-9]{5,12}|\\d{4}',
    check: (value) => (/^\d+$|\d.*\d.*\d/.test(value) ? value.length : 0),
  },
  {
    entity: 'IMEI',
    name: 'imei.labelled',
    score: 0.95,
    before: `(?i:imei(?:sv)?)${NUMBER_WORD}?${GAP}`,
    value:
      '\\d{14,16}|\\d{2}[ -]\\d{6}[ -]\\d{6}(?:[ -]\\d{1,2})?|\\d{6}[ -]\\d{2}[ -]\\d{6}(?:[ -]\\d{1,2})?',
  },
  {
    entity: 'IMEI',
    name: 'imei.grouped',
    score: 0.8,
    value: '\\d{2}-\\d{6}-\\d{6}-\\d',
    check: checkImei,
  },
];
