import { parseMoney } from '#core/limit/money.ts';
import { compileGlob, type Matcher } from '#core/policy/glob.ts';
import type { Price as PriceMessage, UpstreamSpec } from '#proto/sworn/upstream/v1/upstream_pb.ts';

/** Tokens of one answer, as the provider counted them. */
export interface TokenUsage {
  readonly inputTokens: number;
  /** Of those of the prompt, the ones that it had in its cache. */
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}

/** What a million tokens cost, in millionths of a currency. */
export interface Price {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
}

interface PriceEntry extends Price {
  readonly matches: Matcher;
}

const TOKENS_PER_PRICE = 1_000_000n;
const COMPILED = new WeakMap<UpstreamSpec, readonly PriceEntry[]>();

/** The first of an upstream's prices that fits a model; undefined where none does. */
export function priceOf(spec: UpstreamSpec | undefined, model: string): Price | undefined {
  if (spec === undefined || spec.prices.length === 0) return undefined;
  let entries = COMPILED.get(spec);
  if (entries === undefined) {
    entries = spec.prices.map(compilePrice);
    COMPILED.set(spec, entries);
  }
  return entries.find(({ matches }) => matches(model));
}

function compilePrice({ model, input, cachedInput, output }: PriceMessage): PriceEntry {
  const whole = readPrice(input);
  const cached = cachedInput === '' ? whole : readPrice(cachedInput);
  return { matches: compileGlob(model), input: whole, cachedInput: cached, output: readPrice(output) };
}

function readPrice(text: string): number {
  const micros = parseMoney(text);
  if (micros === undefined) throw new TypeError('a price is a decimal number');
  return micros;
}

/** What tokens cost, in whole millionths, rounded up; no more than a number holds exactly. */
export function costOf(price: Price, { inputTokens, cachedInputTokens, outputTokens }: TokenUsage): number {
  const cached = Math.min(cachedInputTokens, inputTokens);
  const sum =
    BigInt(inputTokens - cached) * BigInt(price.input) +
    BigInt(cached) * BigInt(price.cachedInput) +
    BigInt(outputTokens) * BigInt(price.output);
  const micros = (sum + TOKENS_PER_PRICE - 1n) / TOKENS_PER_PRICE;
  return Number(micros > MAX_COST ? MAX_COST : micros);
}

const MAX_COST = BigInt(Number.MAX_SAFE_INTEGER);
