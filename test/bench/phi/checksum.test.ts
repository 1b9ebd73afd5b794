import { expect, test } from 'vitest';
import { Random } from '../../../bench/phi/corpus/random.ts';
import {
  abaDigit,
  deaDigit,
  luhnDigit,
  npiDigit,
  withGtinDigit,
  withIbanDigits,
  withoutLuhn,
  withVinDigit,
} from '../../../bench/phi/corpus/values/checksum.ts';

// Numbers that their issuers, or the standards, have published as examples.
test.each([
  ['card', luhnDigit('411111111111111'), '1'],
  ['American Express card', luhnDigit('37828224631000'), '5'],
  ['IMEI of 3GPP TS 23.003', luhnDigit('49015420323751'), '8'],
  ['NPI of the CMS', npiDigit('123456789'), '3'],
  ['DEA number', deaDigit('123456'), '3'],
  ['routing number of a Federal Reserve Bank', abaDigit('02100120'), '8'],
  ['VIN of 49 CFR 565', withVinDigit('1M8GDM9A_KP042788'.replace('_', '0')), '1M8GDM9AXKP042788'],
  ['VIN of ones', withVinDigit('11111111011111111'), '11111111111111111'],
  ['IBAN of ISO 13616', withIbanDigits('GB', 'WEST12345698765432'), 'GB82WEST12345698765432'],
  ['IBAN of the Bundesbank', withIbanDigits('DE', '370400440532013000'), 'DE89370400440532013000'],
  ['GTIN-13 of GS1, with a zero before it', withGtinDigit('0629104150021'), '06291041500213'],
])('the check digits of a %s', (_name, made, published) => {
  expect(made).toBe(published);
});

test('a number that must not pass the Luhn check does not', () => {
  const random = new Random(5);
  for (let i = 0; i < 100; i++) {
    const number = withoutLuhn(random.digits(15), random);
    expect(number.at(-1)).not.toBe(luhnDigit(number.slice(0, -1)));
  }
});
