import type { Detector } from '#core/phi/detect.ts';
import type { Finding } from '#core/phi/finding.ts';
import { classOf, NOTHING, UNSEEN } from '#core/phi/judge/classes.ts';
import {
  BEFORE,
  BEHIND,
  features,
  type Place,
  readAround,
  readItself,
  readTogether,
  SECOND,
  THIRD,
} from '#core/phi/judge/features.ts';
import { PLAIN, SIGN } from '#core/phi/judge/lexeme.ts';
import { Lexemes } from '#core/phi/judge/lexemes.ts';
import { PASSED_WORDS } from '#core/phi/judge/moving-place.ts';
import { Token, Tokens } from '#core/phi/judge/tokens.ts';
import { ROW_BITS } from '#core/phi/judge/weights.ts';
import type { LabelledText } from '../../../test/core/phi/corpus/read.ts';

/** A token of a labelled text. */
export interface Example {
  /** The rows of its features. */
  readonly rows: Int32Array;
  /** What it is, by its number in CLASSES. */
  readonly kind: number;
  /** How much it counts. */
  readonly weight: number;
}

const lexemes = new Lexemes();
/** Texts that hold nothing are made to be mistaken, and there are fewer of them. */
const NEGATIVE_WEIGHT = 2;

/** Nothing before the first identifier of a text tells that there are any, and what is sent often has no other. */
const FIRST_WEIGHT = 3;

/**
 * The tokens of labelled texts, for each text.
 *
 * @param isForgotten whether a finding of a rule is to be left out: rules that were written for the texts find more in them
 *   than in others, and the model would trust them too much
 * @param worth how much these texts count beside others
 */
export function examplesOf(
  texts: readonly LabelledText[],
  rules: Detector,
  isForgotten: () => boolean,
  worth = 1,
): Example[][] {
  return texts.map(({ kind, text, spans }) => {
    const found = rules.scan(text);
    const tokens = readTokens(lexemes, text);
    const weight = worth * (kind === 'negative' ? NEGATIVE_WEIGHT : 1);
    const seen = new Map<number, number>();
    const passed: Token[] = [];
    let told = 0;
    let since = 0;
    return tokens.flatMap((token, i) => {
      const last = tokens[i - 4];
      if (last !== undefined && (last.traits & SIGN) === 0) passed.push(last);
      if (passed.length > PASSED_WORDS) passed.shift();
      if ((token.traits & SIGN) !== 0) return [];
      const at = (place: number): Token => tokens[place] ?? new Token();
      const span = spans.find((one) => overlaps(one, token));
      const finding = found.find((one) => overlaps(one, token));
      const rows = rowsOf({
        passed,
        third: at(i - 3),
        second: at(i - 2),
        before: at(i - 1),
        token,
        behind: at(i + 1),
        after: at(i + 2),
        text: text.slice(token.start, token.end),
        seen: seen.get(token.hash) ?? UNSEEN,
        told,
        since,
        found: finding === undefined || isForgotten() ? undefined : finding,
      });
      const own = span === undefined ? NOTHING : classOf(span.entity);
      // As a scan does, which does not judge the others.
      if (own !== NOTHING || (token.traits & PLAIN) === 0) seen.set(token.hash, own);
      if (own !== NOTHING) told += 1;
      since = own === NOTHING ? since + 1 : 0;
      return [
        { rows, kind: own, weight: span !== undefined && span === spans[0] ? FIRST_WEIGHT * weight : weight },
      ];
    });
  });
}

/**
 * All examples without the features that only one text has: they say nothing of other texts, and there are more of them than of
 * all others.
 */
export function withoutRare(byText: readonly (readonly Example[])[]): Example[] {
  const texts = new Uint32Array(1 << ROW_BITS);
  for (const examples of byText) {
    for (const row of new Set(examples.flatMap(({ rows }) => Array.from(rows))))
      texts[row] = (texts[row] as number) + 1;
  }
  return byText.flatMap((examples) =>
    examples.map((example) => ({
      ...example,
      rows: example.rows.filter((row) => (texts[row] as number) > 1),
    })),
  );
}

/** The tokens of a text. */
export function readTokens(of: Lexemes, text: string): Token[] {
  const reader = new Tokens(of);
  reader.push(text);
  const tokens: Token[] = [];
  for (let token = new Token(); reader.read(token, true); token = new Token()) tokens.push(token);
  return tokens;
}

function rowsOf(place: Place): Int32Array {
  const hashes: number[] = [];
  const take = (count: number): unknown => hashes.push(...features.subarray(0, count));
  take(readItself(place));
  take(readAround(BEFORE, place.before));
  take(readAround(SECOND, place.second));
  take(readAround(THIRD, place.third));
  take(readAround(BEHIND, place.behind));
  take(readTogether(place));
  return Int32Array.from(hashes, (hash) => hash & ((1 << ROW_BITS) - 1));
}

function overlaps(span: Pick<Finding, 'start' | 'end'>, { start, end }: Token): boolean {
  return span.start < end && span.end > start;
}
