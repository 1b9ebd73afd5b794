import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Lexemes } from '#core/phi/judge/lexemes.ts';
import { GAP_LINE, GAP_NONE, GAP_SPACE, GAP_START, Token, Tokens } from '#core/phi/judge/tokens.ts';
import { processorMs } from '../../../env/processor-time.ts';

/** The tokens of a text, and how they are written. */
function read(chunks: readonly string[], context = ''): { token: Token; text: string }[] {
  const reader = new Tokens(new Lexemes(), context);
  const tokens: { token: Token; text: string }[] = [];
  const readOn = (ended: boolean): void => {
    for (let token = new Token(); reader.read(token, ended); token = new Token())
      tokens.push({ token, text: reader.textOf(token) });
  };
  if (context !== '') readOn(true);
  for (const chunk of chunks) {
    reader.push(chunk);
    readOn(false);
  }
  readOn(true);
  return tokens;
}

const textsOf = (text: string) => read([text]).map(({ text }) => text);

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
  expect(read(['a b\n c(d']).map(({ token }) => token.gap)).toEqual([
    GAP_START,
    GAP_SPACE,
    GAP_LINE,
    GAP_NONE,
    GAP_NONE,
  ]);
});

test('the context stands before place 0, and ends with it', () => {
  expect(read(['name'], 'last').map(({ text, token: { start, end } }) => [text, start, end])).toEqual([
    ['last', -4, 0],
    ['name', 0, 4],
  ]);
});

describe('what a lexeme is', () => {
  const lexemeOf = (text: string) => read([text])[0]?.token;

  test('capitals and digits make no other hash, but another shape', () => {
    expect(lexemeOf('Smith')?.hash).toBe(lexemeOf('smith')?.hash);
    expect(lexemeOf('Smith')?.shape).not.toBe(lexemeOf('smith')?.shape);
    expect(lexemeOf('12-34')?.hash).toBe(lexemeOf('56-78')?.hash);
    expect(lexemeOf('Abcdefg')?.shape).toBe(lexemeOf('Xyzwv')?.shape);
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
      const tokens = read([whole]);
      expect(read(chunks)).toEqual(tokens.map(({ token, text }) => ({ text, token })));
      expect(tokens.map(({ token: { start, end } }) => whole.slice(start, end)).join('')).toBe(
        whole.replaceAll(/[\s\u00a0]/g, ''),
      );
      for (const { token, text } of tokens) expect(text).toBe(whole.slice(token.start, token.end));
    }),
  );
});

test('a long gap that comes piece by piece takes no time for what came before it', () => {
  const reader = new Tokens(new Lexemes());
  reader.push('Smith ');
  const token = new Token();
  expect(reader.read(token, false)).toBe(true);
  const behind = new Token();
  let isRead = false;
  const readOn = () => {
    for (let i = 0; i < 300_000; i++) {
      reader.push(' ', token.start);
      isRead ||= reader.read(behind, false);
    }
  };
  expect(processorMs(readOn)).toBeLessThan(3_000);
  expect(isRead).toBe(false);
  reader.push('\nx', token.start);
  expect(reader.read(behind, true)).toBe(true);
  expect([reader.textOf(token), behind.start, behind.gap]).toEqual(['Smith', 300_007, GAP_LINE]);
});
