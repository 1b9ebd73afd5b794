import { describe, expect, test } from 'vitest';
import { ENTITIES, type EntityName } from '#core/phi/entities.ts';
import { age90Plus } from '#core/phi/replace/age.ts';
import { choicesOf, fits, MASK_METHODS } from '#core/phi/replace/choice.ts';
import { hash } from '#core/phi/replace/hash.ts';
import { lastFour } from '#core/phi/replace/last-four.ts';
import { numbered } from '#core/phi/replace/numbered.ts';
import { MAX_NUMBER, Numbering } from '#core/phi/replace/numbering.ts';
import { createReplacer } from '#core/phi/replace/replace.ts';
import { zip3 } from '#core/phi/replace/zip3.ts';
import { sessionOf } from './session.ts';

/* Numbers and names are invented or published as examples: see ../text.ts. */

test('choices that are for a kind of value are for no other', () => {
  expect(choicesOf('PERSON')).toEqual(['placeholder', 'numbered', 'hash', 'none']);
  expect(choicesOf('AGE')).toEqual(['placeholder', 'age-90-plus', 'numbered', 'hash', 'none']);
  expect(choicesOf('ZIP_CODE')).toEqual(['placeholder', 'numbered', 'hash', 'zip3', 'none']);
  expect(choicesOf('DATE')).toEqual(['placeholder', 'numbered', 'hash', 'year', 'shift', 'none']);
  expect(choicesOf('DATE_OF_BIRTH')).toEqual(choicesOf('DATE'));
  expect(choicesOf('US_SSN')).toEqual(['placeholder', 'numbered', 'hash', 'last-four', 'none']);
  for (const word of ['EMAIL_ADDRESS', 'URL', 'IP_ADDRESS', 'CITY', 'LICENSE_PLATE'] as const) {
    expect(choicesOf(word)).toEqual(choicesOf('PERSON'));
  }
});

describe('numbered', () => {
  test('a value keeps its number, however it is spaced and whatever its case; each entity counts by itself', () => {
    const session = sessionOf();
    const number = (entity: EntityName, value: string) => numbered(entity, value, session);
    expect(number('PERSON', 'Jane Doe')).toBe('[PERSON_1]');
    expect(number('PERSON', 'Max Roe')).toBe('[PERSON_2]');
    expect(number('PERSON', 'JANE  DOE ')).toBe('[PERSON_1]');
    expect(number('PERSON', 'Jane-Doe')).toBe('[PERSON_3]');
    expect(number('MRN', 'AB-123456')).toBe('[MRN_1]');
    expect(number('MRN', 'ab 123456')).toBe('[MRN_1]');
    expect(number('US_SSN', '078-05-1120')).toBe('[US_SSN_1]');
    expect(number('US_SSN', '078051120')).toBe('[US_SSN_1]');
    expect(session.numbering.size).toBe(5);
  });

  test('another session has numbers of its own', () => {
    const [one, other] = [sessionOf('a'), sessionOf('b')];
    numbered('PERSON', 'Jane Doe', one);
    expect(numbered('PERSON', 'Max Roe', one)).toBe('[PERSON_2]');
    expect(numbered('PERSON', 'Max Roe', other)).toBe('[PERSON_1]');
    expect(numbered('PERSON', 'Max Roe', undefined)).toBeUndefined();
  });

  test('numbers end at three digits; who has one keeps it', () => {
    let kept = 0;
    const numbering = new Numbering(() => {
      kept += 1;
    });
    const session = { ...sessionOf(), numbering };
    for (let i = 1; i <= MAX_NUMBER; i++) numbered('MRN', `A-${i}`, session);
    expect(numbered('MRN', 'A-1000', session)).toBeUndefined();
    expect(numbered('MRN', 'A-999', session)).toBe('[MRN_999]');
    expect(numbered('PERSON', 'Jane Doe', session)).toBe('[PERSON_1]');
    expect([kept, numbering.size]).toEqual([1_000, 1_000]);
  });

  test('no value is kept', () => {
    const seen: string[] = [];
    const { set } = Map.prototype;
    Map.prototype.set = function (key: unknown, value: unknown) {
      seen.push(String(key));
      return set.call(this, key, value);
    };
    try {
      numbered('PERSON', 'zebra', sessionOf());
    } finally {
      Map.prototype.set = set;
    }
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.join()).not.toMatch(/zebra/i);
  });
});

describe('hash', () => {
  test('goes by the entity, the value and the key, and not by the session', () => {
    const token = (entity: EntityName, value: string, key = 'key', name = 'a') =>
      hash(entity, value, sessionOf(name, key));
    const mrn = token('MRN', 'AB-123456');
    expect(mrn).toMatch(/^\[MRN_[bcdfghjkmnpqrstv]{16}\]$/);
    expect(token('MRN', 'ab123456', 'key', 'b')).toBe(mrn);
    const others = [token('MRN', 'AB-123457'), token('MRN', 'AB-123456', 'other')];
    const account = token('ACCOUNT_NUMBER', 'AB-123456')?.replace('ACCOUNT_NUMBER', 'MRN');
    expect(new Set([mrn, account, ...others]).size).toBe(4);
    expect(hash('MRN', 'AB-123456', undefined)).toBeUndefined();
  });

  test('stays what it is from version to version', () => {
    expect(hash('PERSON', 'Jane Doe', sessionOf())).toBe('[PERSON_mpgnmsfgqqfghrdh]');
  });
});

test.each<[EntityName, string, string | undefined]>([
  ['CREDIT_CARD', '4111 1111 1111 1111', '[CREDIT_CARD_ENDING_1111]'],
  ['US_SSN', '078-05-1120', '[US_SSN_ENDING_1120]'],
  ['US_SSN', 'XXX-XX-1120', '[US_SSN_ENDING_1120]'],
  ['IBAN_CODE', 'GB82 WEST 1234 5698 7654 32', '[IBAN_CODE_ENDING_5432]'],
  ['PHONE_NUMBER', '(555) 555-0134 ext. 12', '[PHONE_NUMBER_ENDING_0134]'],
  ['PHONE_NUMBER', '555-555-0134 #99', '[PHONE_NUMBER_ENDING_0134]'],
  ['PHONE_NUMBER', '+44 20 7946 0958', '[PHONE_NUMBER_ENDING_0958]'],
  ['FAX_NUMBER', '555-0134', undefined],
  ['MRN', 'AB-123456', '[MRN_ENDING_3456]'],
  ['MRN', '1234567', undefined],
  ['MRN', 'AB-12-34', undefined],
  ['MRN', '', undefined],
])('last four of %s %s: %s', (entity, value, expected) => {
  expect(lastFour(entity, value, undefined)).toBe(expected);
});

test.each([
  ['02139', '021'],
  ['02139-4307', '021'],
  ['021394307', '021'],
  [' 60601 ', '606'],
  ['03601', '000'],
  ['05999-1234', '000'],
  ['10201', '000'],
  ['20301', '000'],
  ['36901', '000'],
  ['87901', '000'],
  ['89399', '000'],
  ['89401', '894'],
  ['2139', undefined],
  ['02139-', undefined],
  ['-4307', undefined],
  ['K1A 0B1', undefined],
  ['', undefined],
])('ZIP3 of %s: %s', (value, expected) => {
  expect(zip3('ZIP_CODE', value, undefined)).toBe(expected);
});

test.each([
  ['94', '90+'],
  ['90', '90+'],
  ['130', '90+'],
  ['94-year-old', '90+-year-old'],
  ['94 years old', '90+ years old'],
  ['94 y/o', '90+ y/o'],
  ['94yo', '90+yo'],
  ['aged 101', 'aged 90+'],
  ['Age: 94', 'Age: 90+'],
  ['94.5 years', '90+ years'],
  ['90+', '90+'],
  ['90+ years', '90+ years'],
  ['94-year-old widow of a judge', '90+'],
  ['ninety-four', '90+'],
  ['One hundred and two years old', '90+'],
  ['nonagenarian', '90+'],
  ['89', undefined],
  ['9', undefined],
  ['131', undefined],
  ['1080 months', undefined],
  ['94 to 96', undefined],
  ['eighty-nine', undefined],
  ['', undefined],
])('the age %s: %s', (value, expected) => {
  expect(age90Plus('AGE', value, undefined)).toBe(expected);
});

describe('a replacer', () => {
  test('falls back to the placeholder for what a choice cannot read, does not fit, or needs a session for', () => {
    const all = {
      DATE: 'shift',
      ZIP_CODE: 'zip3',
      MRN: 'last-four',
      PERSON: 'numbered',
      CITY: 'hash',
    } as const;
    const { replace } = createReplacer({ default: 'placeholder', entities: all }, undefined);
    expect(replace('DATE', '1/2/1980')).toBe('[DATE]');
    expect(replace('PERSON', 'Jane Doe')).toBe('[PERSON]');
    expect(replace('CITY', 'Springfield')).toBe('[CITY]');
    expect(replace('MRN', '12')).toBe('[MRN]');
    expect(replace('ZIP_CODE', 'x')).toBe('[ZIP_CODE]');
    for (const method of MASK_METHODS) {
      const { replace } = createReplacer({ default: method, entities: {} }, sessionOf());
      for (const { name } of ENTITIES) {
        if (!fits(method, name)) expect(replace(name, '1/2/1980 02139 94')).toBe(`[${name}]`);
        expect(replace(name, '')).toMatch(new RegExp(`^\\[${name}(_|\\])`));
      }
    }
  });

  test('reads values only for choices that look at them', () => {
    const reads = (method: 'placeholder' | 'none' | 'hash' | 'year', of: EntityName = 'PERSON') =>
      createReplacer({ default: 'placeholder', entities: { [of]: method } }, undefined).readsValues;
    expect([reads('placeholder'), reads('none'), reads('hash')]).toEqual([false, false, true]);
    expect([reads('year'), reads('year', 'DATE')]).toEqual([false, true]);
  });
});
