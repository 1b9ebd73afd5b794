import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Lexemes } from '#core/phi/judge/lexeme.ts';
import { GAP_LINE, GAP_NONE, GAP_SPACE, GAP_START, type Token, Tokens } from '#core/phi/judge/tokens.ts';

function read(chunks: readonly string[], context = ''): Token[] {
  const tokens: Token[] = [];
  const reader = new Tokens(new Lexemes(), context, tokens);
  for (const chunk of chunks) reader.push(chunk, tokens);
  reader.end(tokens);
  return tokens;
}

const textsOf = (text: string) => read([text]).map(({ start, end }) => text.slice(start, end));

test.each([
  ["Mrs. O'Brien's K+ 4.2", ['Mrs', '.', "O'Brien's", 'K', '+', '4.2']],
  ['seen 3/14/2024 10:30, BP 120/80-', ['seen', '3/14/2024', '10:30', ',', 'BP', '120/80', '-']],
  ['A1C 7.1% (v2.0.1)', ['A', '1C', '7.1', '%', '(', 'v', '2.0.1', ')']],
  ["the nurses' Zoë", ['the', 'nurses', "'", 'Zoë']],
  ['a'.repeat(100), ['a'.repeat(48), 'a'.repeat(48), 'aaaa']],
  [
    'The U.S. and e.g. J.Smith, a.m.',
    ['The', 'U.S', '.', 'and', 'e.g', '.', 'J', '.', 'Smith', ',', 'a.m', '.'],
  ],
  ['', []],
])('%j', (text, expected) => {
  expect(textsOf(text)).toEqual(expected);
});

test('gaps tell the start, a line, a space and nothing', () => {
  expect(read(['a b\n c(d']).map(({ gap }) => gap)).toEqual([
    GAP_START,
    GAP_SPACE,
    GAP_LINE,
    GAP_NONE,
    GAP_NONE,
  ]);
});

test('the context stands before place 0, and ends with it', () => {
  expect(read(['name'], 'last').map(({ lexeme, start, end }) => [lexeme.text, start, end])).toEqual([
    ['last', -4, 0],
    ['name', 0, 4],
  ]);
});

describe('what a lexeme is', () => {
  const lexemeOf = (text: string) => read([text])[0]?.lexeme;

  test('capitals and digits make no other hash, but another shape', () => {
    expect(lexemeOf('Smith')?.hash).toBe(lexemeOf('smith')?.hash);
    expect(lexemeOf('Smith')?.shape).not.toBe(lexemeOf('smith')?.shape);
    expect(lexemeOf('12-34')?.hash).toBe(lexemeOf('56-78')?.hash);
    expect(lexemeOf('Abcdefg')?.shape).toBe(lexemeOf('Xyzwv')?.shape);
  });

  test('a word that comes again is the same; what no list knows is not kept', () => {
    const [pain, , again] = read(['pain and pain']);
    expect(again?.lexeme).toBe(pain?.lexeme);
    const [name, , twice] = read(['Zorblatz and Zorblatz']);
    expect(twice?.lexeme).toEqual(name?.lexeme);
    expect(twice?.lexeme).not.toBe(name?.lexeme);
  });

  test('of figures the form is kept, and no digit', () => {
    const [code, , other] = read(['078-05-1120 and 219-09-9999']);
    expect(code?.lexeme.text).toBe('000-00-0000');
    expect(other?.lexeme).toBe(code?.lexeme);
  });
});

test('where chunks end makes no difference, and every character is a space or in one token', () => {
  const text = fc
    .array(
      fc.constantFrom(
        'a',
        'Zoë',
        'A.B',
        'c.',
        "'",
        '’',
        '1',
        '-',
        '.',
        '/',
        ':',
        ' ',
        '\n',
        '\t',
        '(',
        '𝄞',
        'x'.repeat(30),
      ),
      {
        maxLength: 30,
      },
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.array(fc.nat(60), { maxLength: 6 }), (whole, places) => {
      const cuts = [...new Set(places.filter((place) => place < whole.length))].sort((a, b) => a - b);
      const chunks = [0, ...cuts].map((from, i) => whole.slice(from, cuts[i] ?? whole.length));
      const plain = (tokens: readonly Token[]) =>
        tokens.map(({ lexeme, start, end, gap }) => ({ text: lexeme.text, start, end, gap }));
      const tokens = read([whole]);
      expect(plain(read(chunks))).toEqual(plain(tokens));
      expect(tokens.map(({ start, end }) => whole.slice(start, end)).join('')).toBe(
        whole.replaceAll(/[\s\u00a0]/g, ''),
      );
      for (const { lexeme, start, end } of tokens) {
        const written = whole.slice(start, end);
        expect(lexeme.text).toBe(lexeme.isFigure ? written.replaceAll(/\d/g, '0') : written);
      }
    }),
  );
});
