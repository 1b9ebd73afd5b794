import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, readDate } from '#core/phi/replace/date.ts';
import { shifted, shiftOf } from '#core/phi/replace/shift.ts';
import { yearOnly } from '#core/phi/replace/year.ts';
import { NOW, sessionOf, sessionShiftedBy } from './session.ts';

const THIS_YEAR = NOW.getUTCFullYear();

describe('reading and writing', () => {
  test.each([
    ['3/14/1975', [1975, 3, 14], '11/5/2001'],
    ['03/14/1975', [1975, 3, 14], '11/05/2001'],
    ['12/14/1975', [1975, 12, 14], '11/05/2001'],
    ['3/4/75', [1975, 3, 4], '11/5/01'],
    ['3 / 14 / 1975', [1975, 3, 14], '11 / 5 / 2001'],
    ['03-14-1975', [1975, 3, 14], '11-05-2001'],
    ['03.14.75', [1975, 3, 14], '11.05.01'],
    ['1975-03-14', [1975, 3, 14], '2001-11-05'],
    ['1975/3/14', [1975, 3, 14], '2001/11/5'],
    ['19750314', [1975, 3, 14], '20011105'],
    ['03141975', [1975, 3, 14], '11052001'],
    ['12312012', [2012, 12, 31], '11052001'],
    ['20121231', [2012, 12, 31], '20011105'],
    ['March 14, 1975', [1975, 3, 14], 'November 5, 2001'],
    ['March 04, 1975', [1975, 3, 4], 'November 05, 2001'],
    ['mar. 14th 1975', [1975, 3, 14], 'nov. 5th 2001'],
    ["MAR 14, '75", [1975, 3, 14], "NOV 5, '01"],
    ['Sept. 2nd, 1975', [1975, 9, 2], 'Nov. 5th, 2001'],
    ['May 1, 1975', [1975, 5, 1], 'November 5, 2001'],
    ['14 March 1975', [1975, 3, 14], '5 November 2001'],
    ['3rd of March, 1975', [1975, 3, 3], '5th of November, 2001'],
    ['14-Mar-75', [1975, 3, 14], '5-Nov-01'],
    ['14MAR1975', [1975, 3, 14], '5NOV2001'],
    ['04MAR1975', [1975, 3, 4], '05NOV2001'],
    ['1975-Mar-14', [1975, 3, 14], '2001-Nov-5'],
    ['Friday, March 14, 1975', [1975, 3, 14], 'Monday, November 5, 2001'],
    ['Fri 03/14/1975', [1975, 3, 14], 'Mon 11/05/2001'],
    ['1975-03-14T08:30:00Z', [1975, 3, 14], '2001-11-05T08:30:00Z'],
    ['3/14/1975 at 8:30 pm', [1975, 3, 14], '11/5/2001 at 8:30 pm'],
    ['2/29/2000', [2000, 2, 29], '11/5/2001'],
  ])('%s', (text, [year = 0, month = 0, day = 0], written) => {
    const date = readDate(text, THIS_YEAR);
    expect(date?.date).toEqual({ year, month, day });
    expect(date?.write({ year, month, day })).toBe(text.replace('Sept', 'Sep'));
    expect(date?.write({ year: 2001, month: 11, day: 5 })).toBe(written);
  });

  test.each([
    '2/29/1900',
    '2/30/2001',
    '13/02/1980',
    '0/10/1980',
    '10/0/1980',
    '99999999',
    '00000000',
    '1/2/0080',
    '1/2/9999',
    'March 32, 1975',
    'March 0, 1975',
    'March 3',
    '3/14',
    '3 March',
    '1975',
    'Marchuary 3, 1975',
    'x 3/14/1975',
    '3/14/1975 x',
    '/1975',
    '',
  ])('%s is no date that can be read', (text) => {
    expect(readDate(text, THIS_YEAR)).toBeUndefined();
  });

  test.each([
    ['March 1975', 1975],
    ['mar. 1975', 1975],
    ['03/1975', 1975],
  ])('%s has no day', (text, year) => {
    expect(readDate(text, THIS_YEAR)).toMatchObject({ year, date: undefined });
  });

  test.each([
    ['1/2/26', 2026, 2026],
    ['1/2/27', 2026, 1927],
    ['1/2/36', 2036, 2036],
    ['1/2/37', 2036, 1937],
    ['1/2/00', 2026, 2000],
    ['1/2/99', 1999, 1999],
    ['1/2/99', 1998, 1899],
  ])('%s, up to %i, is in %i', (text, latest, year) => {
    expect(readDate(text, latest)?.year).toBe(year);
  });

  test('days are added over months, years and leap days', () => {
    expect(addDays({ year: 2000, month: 2, day: 28 }, 1)).toEqual({ year: 2000, month: 2, day: 29 });
    expect(addDays({ year: 1900, month: 2, day: 28 }, 1)).toEqual({ year: 1900, month: 3, day: 1 });
    expect(addDays({ year: 1999, month: 12, day: 31 }, 1)).toEqual({ year: 2000, month: 1, day: 1 });
    expect(addDays({ year: 2024, month: 2, day: 29 }, -365)).toEqual({ year: 2023, month: 3, day: 1 });
  });
});

describe('year', () => {
  const year = (value: string, entity: 'DATE' | 'DATE_OF_BIRTH' = 'DATE_OF_BIRTH') =>
    yearOnly(entity, value, sessionOf());

  test.each([
    ['March 3, 1975', '1975'],
    ['1/2/80', '1980'],
    ['03/1975', '1975'],
    ['1/2/37', '1937'],
    ['12/31/1937', '1937'],
  ])('of %s is %s', (value, expected) => {
    expect(year(value)).toBe(expected);
  });

  test('is not shown where it tells of an age over 89, or cannot be read', () => {
    for (const value of ['12/31/1936', '1/2/36', '3/3/1890', 'March 3', '13/13/1980', '']) {
      expect(year(value)).toBeUndefined();
    }
    expect(year('5/1/1930', 'DATE')).toBeUndefined();
    expect(yearOnly('DATE', '1/2/1980', undefined)).toBeUndefined();
  });

  test('of two digits may lie ahead, but nobody is born ahead', () => {
    expect(year('1/2/30', 'DATE')).toBe('2030');
    expect(year('1/2/30', 'DATE_OF_BIRTH')).toBeUndefined();
  });
});

describe('shift', () => {
  test.each([
    [-20, 'March 3, 1975', 'February 11, 1975'],
    [1, '2/28/2024', '2/29/2024'],
    [1, '2/28/2023', '3/1/2023'],
    [-365, '2024-02-29', '2023-03-01'],
    [365, '12/31/1999', '12/30/2000'],
    [3, 'Tue, Dec 30th, 1997', 'Fri, Jan 2nd, 1998'],
    [3, 'the 3rd of June, 1975', 'the 6th of June, 1975'],
    [-1, '1/1/37', undefined],
    [1, '12/31/36', undefined],
    [1, '12/31/1936', undefined],
    [10, 'March 1975', undefined],
    [10, 'March 3', undefined],
    [10, '13/02/1980', undefined],
  ])('by %i days makes of %s %s', (days, value, expected) => {
    expect(shifted('DATE_OF_BIRTH', value, sessionShiftedBy(days))).toBe(expected);
  });

  test('goes by key and session, is never nothing and at most a year', () => {
    const shifts = Array.from({ length: 3_000 }, (_, i) => shiftOf(sessionOf(`sessions/${i}`)));
    expect(Math.min(...shifts)).toBeGreaterThanOrEqual(-365);
    expect(Math.max(...shifts)).toBeLessThanOrEqual(365);
    expect(shifts).not.toContain(0);
    expect(new Set(shifts).size).toBeGreaterThan(650);
    expect(shiftOf(sessionOf('a'))).toBe(shiftOf(sessionOf('a')));
    expect(shiftOf(sessionOf('a', 'k1'))).not.toBe(shiftOf(sessionOf('a', 'k2')));
    expect(shifted('DATE', '1/2/1980', undefined)).toBeUndefined();
  });

  const DAY_MS = 86_400_000;
  const day = fc
    .integer({ min: Date.UTC(1940, 0, 1) / DAY_MS, max: Date.UTC(2030, 0, 1) / DAY_MS })
    .map((number) => addDays({ year: 1970, month: 1, day: 1 }, number));
  const form = fc.constantFrom(
    '3/14/1975',
    '03-14-1975',
    '1975-03-14',
    '19750314',
    'March 3rd, 1975',
    'FRI 14 MAR 1975',
    '1975-03-14T08:30',
  );

  test('keeps what lies between two dates, in whatever form they are written', () => {
    const place = (text: string): number => {
      const { year, month, day } = readDate(text, THIS_YEAR)?.date ?? { year: 0, month: 1, day: 1 };
      return Date.UTC(year, month - 1, day) / DAY_MS;
    };
    const write = (like: string, at: { year: number; month: number; day: number }): string =>
      readDate(like, THIS_YEAR)?.write(at) ?? '';
    fc.assert(
      fc.property(day, form, day, form, fc.nat(), (one, oneForm, other, otherForm, number) => {
        const session = sessionOf(`sessions/${number}`);
        const [from, to] = [write(oneForm, one), write(otherForm, other)];
        const [newFrom = '', newTo = ''] = [from, to].map((value) => shifted('DATE', value, session));
        expect(place(newTo) - place(newFrom)).toBe(place(to) - place(from));
        expect(place(newFrom)).not.toBe(place(from));
      }),
      { numRuns: 1_000 },
    );
  });
});
