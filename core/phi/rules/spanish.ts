import type { Rule } from '../engine/rule/rule.ts';
import { checkAnyCase, checkCapitalised, LETTER, UPPER } from './name.ts';
import { GAP, labelled } from './parts.ts';
import { checkLength } from './phone.ts';

/*
 * Labels of forms in Spanish, the second language of the patients of the United States. What has a form of its own, such as
 * most dates and telephone numbers, is found by the rules for these.
 */

/** "número", "N.º", "núm." after a label. */
const NUMBER_WORD = '(?: ?(?:(?i:n[uúÚ]m(?:ero)?\\.?|nro\\.?|no\\.?)|[Nn]\\.?[º°]|#))?';
const MONTH =
  '(?i:ene(?:ro)?|feb(?:rero)?|mar(?:zo)?|abr(?:il)?|may(?:o)?|jun(?:io)?|jul(?:io)?|ago(?:sto)?|sep(?:t(?:iembre)?)?|oct(?:ubre)?|nov(?:iembre)?|dic(?:iembre)?)\\.?';
const WEEKDAY = '(?i:lunes|martes|mi[eé]rcoles|jueves|viernes|s[aáÁ]bado|domingo)';
/** Those that are nobody's name and nothing else. */
const FULL_MONTH = '(?i:enero|febrero|abril|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)';
const DAY_WORD =
  '(?i:primero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|diecis[eé]is|diecisiete|dieciocho|diecinueve|veinte|veinti[a-zéóÉÓ]{3,6}|treinta(?: y uno)?)';
/** From ninety on. */
const AGE_WORDS = '(?i:noventa(?: y (?:un[oa]?|dos|tres|cuatro|cinco|seis|siete|ocho|nueve))?)';
const DATES = [
  '\\d{1,2} ?[/.-] ?\\d{1,2} ?[/.-] ?(?:\\d{4}|\\d{2})',
  '\\d{4}-\\d{2}-\\d{2}',
  `\\d{1,2}(?: (?:de )?|[/-])${MONTH}(?: (?:del? )?|[/-])(?:\\d{4}|\\d{2})`,
];
const NAME_WORD = `[${LETTER}][${LETTER}'-]{0,24}\\.?`;
const NAME = `${NAME_WORD}(?:,? ${NAME_WORD}){0,5}`;
const CAPITALISED = `[${UPPER}][${LETTER}'-]{1,24}`;

/** One field of a form ends where the next has its label: "Juan Pérez Apellidos: …". */
function checkName(value: string): number {
  const end = value.search(
    /[ ,]+(?:apellidos?|edad|fecha|sexo|tel|domicilio|direcci[oó]n|expediente|curp|dni|nss)\b/i,
  );
  return checkAnyCase(end < 0 ? value : value.slice(0, end));
}

/** "lunes 12" is a day, "lunes 8 am" an hour. */
function checkWeekday(value: string): number {
  const [day = '', rest = ''] = value.split(/(?<=\d)(?!\d)/);
  return /^(?: ?[ap]\.?m| ?h| ?:|[./-]\d)/i.test(rest) ? 0 : day.length;
}

export const SPANISH_RULES: readonly Rule[] = [
  {
    entity: 'PERSON',
    name: 'person.spanish',
    score: 0.85,
    before:
      '(?i:paciente|nombre(?: completo| del? paciente)?|apellidos?|m[eéÉ]dic[oa](?: tratante| responsable)?|enfermer[oa]|tutora?|responsable|familiar|contacto(?: de emergencia)?|asegurad[oa]|titular|beneficiari[oa]|firma|atendi[oó]|elabor[oó])[ *_]{0,3}:[ \\t*_"]{0,4}',
    value: NAME,
    check: checkName,
  },
  {
    entity: 'PERSON',
    name: 'person.spanish-title',
    score: 0.8,
    before: '(?:Dra|Srta|Lic|Profa|Enf|dra|srta|sra)\\.? |(?:[Dd]oña|[Ss]eñora?|[Dd]on) ',
    value: `${CAPITALISED}(?: (?:de (?:la |los )?)?${CAPITALISED}){0,3}`,
    check: checkCapitalised,
  },
  {
    entity: 'DATE_OF_BIRTH',
    name: 'birth.spanish',
    score: 0.95,
    before: `(?i:fecha de nac(?:imiento)?|fec\\.? ?nac|f\\.? ?(?:de )?nac|fdn|nacid[oa](?: el)?|naci[oóÓ](?: el)?)\\.?${GAP}(?:el )?`,
    value: DATES.join('|'),
  },
  labelled({
    entity: 'MRN',
    name: 'mrn.spanish',
    score: 0.85,
    before: `(?i:expediente|historia(?: cl[ií]nica)?|ficha(?: cl[ií]nica)?|nhc|n\\.h\\.c\\.)${NUMBER_WORD}${GAP}`,
  }),
  labelled({
    entity: 'HEALTH_PLAN_ID',
    name: 'plan.spanish',
    score: 0.8,
    before: `(?i:p[oóÓ]liza|afiliaci[oóÓ]n|afiliad[oa]|asegurad[oa]|obra social)${NUMBER_WORD}${GAP}`,
  }),
  labelled({
    entity: 'ACCOUNT_NUMBER',
    name: 'account.spanish',
    score: 0.8,
    before: `(?i:cuenta(?: bancaria| corriente| de ahorros)?|clabe)${NUMBER_WORD}${GAP}`,
  }),
  labelled({
    entity: 'US_DRIVER_LICENSE',
    name: 'driver.spanish',
    score: 0.8,
    before: `(?i:licencia(?: de (?:conducir|manejo))?)${NUMBER_WORD}${GAP}`,
  }),
  labelled({
    entity: 'US_PASSPORT',
    name: 'passport.spanish',
    score: 0.8,
    before: `(?i:pasaporte)${NUMBER_WORD}${GAP}`,
  }),
  {
    entity: 'LICENSE_PLATE',
    name: 'plate.spanish',
    score: 0.7,
    before: `(?i:placas?|patente|matr[ií]cula)${NUMBER_WORD}${GAP}`,
    value: '[A-Z]{1,3}[ -]?\\d{2,4}(?:[ -]?[A-Z0-9]{1,3}){0,2}|\\d{3,4}[ -]?[A-Z]{3}',
  },
  labelled({
    entity: 'UNIQUE_ID',
    name: 'unique.spanish',
    score: 0.75,
    before: `(?i:curp|dni|nie|nif|rut|c[eéÉ]dula(?: de identidad| profesional)?|folio|nss|seguridad social|seguro social|radicado|referencia|carn[eé]t?)${NUMBER_WORD}${GAP}`,
  }),
  {
    // Mexico's number of a tax payer; "RFC 7638" is a standard.
    entity: 'UNIQUE_ID',
    name: 'unique.rfc',
    score: 0.75,
    before: 'RFC[ :]{1,2}',
    value: '[A-Z]{3,4}\\d{6}[A-Z0-9]{0,3}',
  },
  {
    entity: 'PHONE_NUMBER',
    name: 'phone.spanish',
    score: 0.8,
    before:
      '(?i:tel[eéÉ]fonos?|tel\\.? ?cel|cel(?:ular)?|m[oó]vil|ll[aá]m[ae](?:me|nos|r)?(?: al)?)\\.?(?:[ :.-]{1,3}|: ?)',
    value: '\\+?\\d{1,4}(?:[ ().-]{1,2}\\d{2,4}){1,4}|\\d{7,10}',
    check: checkLength,
  },
  {
    entity: 'STREET_ADDRESS',
    name: 'street.spanish',
    score: 0.8,
    value: `(?:(?:[Cc]alle|CALLE|[Aa]venida|[Aa]vda\\.?|Av\\.|[Cc]alzada|Calz\\.|Blvd\\.|[Bb]ulevar|[Cc]arretera|[Cc]allej[oó]n|[Pp]rivada|[Rr]etorno|[Aa]ndador|[Cc]errada|[Pp]asaje|[Jj]ir[oó]n|[Tt]raves[ií]a|[Cc]arrera)|C/) ?(?:(?:de|del|la|las|el|los) ){0,2}[${LETTER}0-9][${LETTER}0-9.'-]{1,20}(?: (?:(?:de|del|la|las|el|los) ){0,2}[${LETTER}][${LETTER}.'-]{1,20}){0,4},? ?(?:#|[Nn][oº°]\\.? ?|[Nn][uú]m\\.? ?|n\\.º ?)?\\d{1,5}[A-Za-z]?(?:-\\d{1,3})?`,
  },
  {
    entity: 'ZIP_CODE',
    name: 'zip.spanish',
    score: 0.7,
    before: '(?:C\\. ?P\\.|CP|(?i:c[oóÓ]digo postal))[ :.]{1,3}',
    value: '\\d{5}',
  },
  {
    entity: 'DATE',
    name: 'date.spanish-weekday',
    score: 0.6,
    value: `${WEEKDAY} \\d{1,2}(?:[ .:/-]?[A-Za-z0-9.]{1,4})?`,
    check: checkWeekday,
  },
  {
    entity: 'DATE',
    name: 'date.spanish-month',
    score: 0.7,
    value: `${FULL_MONTH} \\d{1,2}(?:,? (?:de |del )?(?:19|20)\\d{2})?|${DAY_WORD} de ${MONTH}(?: del? (?:(?:19|20)\\d{2}|(?i:(?:mil novecientos |dos mil )?[a-zé]{3,10}(?: y [a-z]{2,6})?)))?`,
  },
  {
    entity: 'AGE',
    name: 'age.spanish',
    score: 0.85,
    value: `${AGE_WORDS} (?i:a[nñ]os)|(?i:ciento (?:un|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez) a[nñ]os)`,
  },
  {
    entity: 'AGE',
    name: 'age.spanish-told',
    score: 0.7,
    before: '(?i:tiene|cumple|cumpli[oóÓ]|cumpl[ií]|a sus|pa(?:ra)? los|de edad) ',
    value: AGE_WORDS,
  },
  {
    entity: 'AGE',
    name: 'age.spanish-label',
    score: 0.85,
    before: '(?i:edad)[ :]{1,3}',
    value: '(?:9\\d|1[01]\\d)',
  },
];
