import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut } from './cut.ts';
import { createTestMasker } from './masker.ts';

const masker = createTestMasker();
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom('123-45-6789', '12', '3-', '45-', '6789', ' x ', '-'),
      fc.string({ maxLength: 4 }),
    ),
  )
  .map((parts) => parts.join(''));

describe('the test masker', () => {
  it('masks a number and counts it', () => {
    expect(masker.mask('a 123-45-6789 b')).toEqual({ text: 'a [US_SSN] b', counts: { US_SSN: 1 } });
  });

  it('masks JSON decoded', () => {
    expect(masker.maskJson('{"a":"\\u0031\\u0032\\u0033-45-6789"}').text).toBe('{"a":"[US_SSN]"}');
    expect(masker.maskJson('{"123-45-6789":[1]}')).toEqual({
      text: '{"[US_SSN]":[1]}',
      counts: { US_SSN: 1 },
    });
  });

  it.each(['stream', 'jsonStream'] as const)('gives the same in %s for any chunking', (kind) => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(30)), (whole, cuts) => {
        const stream = masker[kind]();
        const out = cut(whole, cuts).map((part) => stream.push(part));
        const expected = kind === 'stream' ? masker.mask(whole) : masker.maskJson(whole);
        expect(out.join('') + stream.end()).toBe(expected.text);
        expect(stream.counts).toEqual(expected.counts);
      }),
    );
  });

  it('releases nothing that could still become a number', () => {
    const stream = masker.stream();
    expect(stream.push('ssn 123-4')).toBe('ssn ');
  });
});
