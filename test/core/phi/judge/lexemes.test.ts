import { describe, expect, test } from 'vitest';
import { ALL_ENTITIES, createDetector } from '#core/phi/detect.ts';
import type { Finding } from '#core/phi/finding.ts';
import { NO_NUMBER } from '#core/phi/judge/lexeme.ts';
import { Lexemes } from '#core/phi/judge/lexemes.ts';
import { modelWeights } from '#core/phi/judge/model.ts';
import { Token, Tokens } from '#core/phi/judge/tokens.ts';
import type { TextScan } from '#core/phi/text-scan.ts';

function readWord(lexemes: Lexemes, word: string): Token {
  const tokens = new Tokens(lexemes);
  tokens.push(word);
  const token = new Token();
  expect(tokens.read(token, true)).toBe(true);
  expect(tokens.read(new Token(), true)).toBe(false);
  return token;
}

/** More forms of numbers than are remembered, each of its own. */
function manyForms(): string {
  const forms = Array.from({ length: 33_000 }, (_, i) => {
    const joins = Array.from({ length: 8 }, (_, k) => '-/.:'[(i >> (2 * k)) & 3]);
    return `0${joins.join('0')}0`;
  });
  return forms.join(' ');
}

describe('what comes again', () => {
  test('is the same when the lists know it, and then only as it was written', () => {
    const lexemes = new Lexemes();
    const pain = readWord(lexemes, 'pain');
    expect(pain.number).not.toBe(NO_NUMBER);
    expect(readWord(lexemes, 'pain')).toEqual(pain);
    expect(readWord(lexemes, 'Pain').number).not.toBe(pain.number);
    expect(readWord(lexemes, 'pains').number).not.toBe(pain.number);
    expect(lexemes.placeOf(pain)).toBeGreaterThan(0);
  });

  test('is not kept when no list knows it, or when it is too long', () => {
    const lexemes = new Lexemes();
    for (const text of ['Zorblatz', '12ab', '0'.repeat(24)]) {
      const word = readWord(lexemes, text);
      expect(word.number).toBe(NO_NUMBER);
      expect(lexemes.placeOf(word)).toBe(0);
      expect(readWord(lexemes, text)).toEqual(word);
    }
    expect(readWord(lexemes, '0'.repeat(23)).number).not.toBe(NO_NUMBER);
  });

  test('of figures is the form, and no digit', () => {
    const lexemes = new Lexemes();
    const code = readWord(lexemes, '078-05-1120');
    expect(readWord(lexemes, '219-09-9999').number).toBe(code.number);
    expect(readWord(lexemes, '219-09/9999').number).not.toBe(code.number);
  });

  test('is told from others of the same hash', () => {
    const lexemes = new Lexemes();
    const one = new Token();
    const other = new Token();
    lexemes.read(one, 'pain', 0, 4, 7);
    lexemes.read(other, 'fever', 0, 5, 7);
    expect(other.hash).not.toBe(one.hash);
    const again = new Token();
    lexemes.read(again, 'pain', 0, 4, 7);
    expect(again).toEqual(one);
    lexemes.read(again, 'fever', 0, 5, 7);
    expect(again).toEqual(other);
  });
});

test('of many with the same hash one gives way for the next, and what a text has of it stays', () => {
  const lexemes = new Lexemes();
  const readForm = (length: number): Token => {
    const token = new Token();
    lexemes.read(token, '0'.repeat(length), 0, length, 7);
    return token;
  };
  const all = Array.from({ length: 9 }, (_, i) => readForm(i + 1));
  const [first, second] = all as [Token, Token];
  expect(readForm(2)).toEqual(second);
  const again = readForm(1);
  expect(again.number).not.toBe(first.number);
  expect(again).toEqual({ ...first, number: again.number });
  expect(new Set([...all, again].map((token) => lexemes.placeOf(token))).size).toBe(10);
});

test('what is forgotten has no place any more, and is read anew', () => {
  const lexemes = new Lexemes();
  const pain = readWord(lexemes, 'pain');
  const tokens = new Tokens(lexemes);
  tokens.push(manyForms());
  const token = new Token();
  const numbers = new Set<number>();
  const places = new Set<number>();
  while (tokens.read(token, true)) {
    numbers.add(token.number);
    places.add(lexemes.placeOf(token));
  }
  expect(numbers.size).toBe(33_000);
  // What is nothing keeps a place of its own.
  expect(lexemes.placeOf(new Token())).toBeGreaterThan(0);
  expect(places.has(lexemes.placeOf(new Token()))).toBe(false);
  expect(places.has(0)).toBe(false);
  expect(lexemes.placeOf(pain)).toBe(0);
  const again = readWord(lexemes, 'pain');
  expect(again).toEqual({ ...pain, number: again.number });
  expect(lexemes.placeOf(again)).toBeGreaterThan(0);
});

test('a text that is open while lexemes are forgotten has the same findings', () => {
  const detector = createDetector();
  const text =
    'Spoke with Okafor and Lena Whitfield in Tulsa today, then Whitfield, Anna went home to Denny.';
  const forms = manyForms();
  const finish = (scan: TextScan, place: number): Finding[] => {
    scan.push(text.slice(place));
    scan.end();
    return [...scan.take()];
  };
  const whole = detector.scan(text);
  expect(whole.length).toBeGreaterThan(3);
  for (const place of [20, 35, 48, 66]) {
    const scan = detector.open(ALL_ENTITIES);
    scan.push(text.slice(0, place));
    const before = [...scan.take()];
    // Fills all of what is kept with other lexemes, and with what they weigh.
    const { lexemes } = modelWeights();
    const old = readWord(lexemes, 'home');
    detector.scan(forms);
    expect(lexemes.placeOf(old)).toBe(0);
    expect([...before, ...finish(scan, place)]).toEqual(whole);
  }
});
