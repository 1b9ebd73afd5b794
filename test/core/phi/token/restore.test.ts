import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EntityName } from '#core/phi/entities.ts';
import { createRestorer, MAX_RESTORED_CHARS } from '#core/phi/token/restore.ts';
import { TokenMap } from '#core/phi/token/token-map.ts';

const map = new TokenMap(new Uint8Array(32).fill(7));
const take = (value: string, entity: EntityName = 'PERSON') => map.take(entity, value, value).token;
// Invented: nobody's data.
const VALUES = ['Maria Beispiel', 'Robert "Bob" Muster', '12 Hafenstraße\nUnit \\ 4', '[x]', '00482913'];
const TOKENS = VALUES.map((value) => take(value));
const restorer = createRestorer((token) => map.find(token));

function inPieces(kind: 'stream' | 'jsonStream', text: string, cuts: readonly number[]): string {
  const stream = restorer[kind]();
  let out = '';
  let at = 0;
  for (const cut of [...cuts, text.length].sort((left, right) => left - right)) {
    out += stream.push(text.slice(at, Math.max(at, cut)));
    at = Math.max(at, cut);
  }
  return out + stream.end();
}

const piece = fc.oneof(
  fc.constantFrom(...TOKENS),
  fc.constantFrom('[', ']', '[PERSON', '[PERSON_', '"', '\\', '{', '[PERSON_kqvbtmhc]', '_', 'bcdf', ' '),
  fc.string({ maxLength: 6 }),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

describe('a text with tokens', () => {
  test('is restored alike however it is cut, as text and as JSON', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(200), { maxLength: 8 }), (source, cuts) => {
        expect(inPieces('stream', source, cuts)).toBe(restorer.mask(source).text);
        expect(inPieces('jsonStream', source, cuts)).toBe(restorer.maskJson(source).text);
      }),
    );
  });

  test('has each value where its token stood', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...TOKENS), fc.stringMatching(/^[a-z .]*$/))),
        (pieces) => {
          const wanted = pieces
            .map((one) => (TOKENS.includes(one) ? VALUES[TOKENS.indexOf(one)] : one))
            .join('');
          expect(restorer.mask(pieces.join('')).text).toBe(wanted);
        },
      ),
    );
  });

  test('is valid JSON where it was, in strings, keys and JSON within strings', () => {
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(...TOKENS, 'plain', `x ${TOKENS[1]} y`),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', `k ${TOKENS[2]}`), tie('value'), { maxKeys: 2 }),
        fc.tuple(tie('value')).map(([inner]) => JSON.stringify([inner])),
      ),
    })).value;
    const wanted = (value: unknown): unknown => {
      if (typeof value === 'string') {
        if (value.startsWith('[') && !value.startsWith('[PERSON'))
          return JSON.stringify(wanted(JSON.parse(value)));
        return map.expand(value);
      }
      if (Array.isArray(value)) return value.map(wanted);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [map.expand(key), wanted(item)]));
    };
    fc.assert(
      fc.property(json, (value) => {
        // Within strings within strings within strings nothing is told apart any more.
        const source = JSON.stringify({ value });
        fc.pre(!source.includes('\\\\\\\\'));
        expect(JSON.parse(restorer.maskJson(source).text)).toEqual({ value: wanted(value) });
      }),
    );
  });

  test.each([
    ['another session made', '[PERSON_bbbbbbbb]'],
    ['is in small letters', String(TOKENS[0]).toLowerCase()],
    ['has an escape of Markdown', String(TOKENS[0]).replace('_', '\\_')],
    ['has a space in it', String(TOKENS[0]).replace('_', ' _')],
    ['is not whole', String(TOKENS[0]).slice(0, -1)],
    ['is for another entity', String(TOKENS[0]).replace('PERSON', 'MRN')],
  ])('keeps a token that %s', (_, token) => {
    expect(restorer.mask(`a ${token} b`)).toEqual({ text: `a ${token} b`, counts: {} });
  });

  test('that begins with one is no JSON', () => {
    const source = `${TOKENS[1]} said "${TOKENS[1]}"`;
    expect(restorer.maskJson(source).text).toBe(`${VALUES[1]} said "${VALUES[1]}"`);
  });

  test('cannot fill the memory with values', () => {
    const long = take(`Maria ${'Beispiel '.repeat(40)}`);
    const stream = createRestorer((token) => map.find(token)).stream();
    const times = Math.ceil(MAX_RESTORED_CHARS / 366 / 1000);
    expect(() => {
      for (let time = 0; time <= times; time++) stream.push(long.repeat(1000));
    }).toThrow('too many tokens');
  });
});
