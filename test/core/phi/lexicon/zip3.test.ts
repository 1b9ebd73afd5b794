import { expect, test } from 'vitest';
import { isSmallZip3 } from '#core/phi/lexicon/zip3.ts';

/** The 17 of HHS's guidance on de-identification, from the Census of 2000. */
const HHS = '036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893'.split(' ');
/** Under 20,000 by the ZIP areas of the 2020 Census as well, or by them alone. */
const CENSUS_2020 = '036 059 102 202 203 204 205 369 556 692 753 772 821 823 878 879 884 893'.split(' ');

test('every prefix of the guidance and of the 2020 Census is small', () => {
  expect([...HHS, ...CENSUS_2020].filter((prefix) => !isSmallZip3(prefix))).toEqual([]);
});

test('a prefix that nobody lives under, or that is none, is small', () => {
  expect(['000', '987', '', '12', '1234', 'abc', '１２３'].filter((prefix) => !isSmallZip3(prefix))).toEqual(
    [],
  );
});

test('a prefix with many people is not', () => {
  expect(['100', '606', '021', '770', '941', '010'].filter(isSmallZip3)).toEqual([]);
});

test('few prefixes of all are small', () => {
  const small = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0')).filter(isSmallZip3);
  expect(small).toHaveLength(129);
});
