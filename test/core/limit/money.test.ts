import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { formatMoney, parseMoney } from '#core/limit/money.ts';
import { costOf, priceOf } from '#core/upstream/price.ts';
import { UpstreamSpecSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';

describe('money', () => {
  test.each([
    ['0', 0, '0.00'],
    ['25.5', 25_500_000, '25.50'],
    ['0.000001', 1, '0.000001'],
    ['2.125', 2_125_000, '2.125'],
    ['999999999.999999', 999_999_999_999_999, '999999999.999999'],
  ])('%s', (text, micros, shown) => {
    expect(parseMoney(text)).toBe(micros);
    expect(formatMoney(micros)).toBe(shown);
  });
  test.each(['', '-1', '.5', '1.', '1,5', '1e3', '1.0000001', '1234567890', ' 1', '1\n'])(
    '%j is none',
    (text) => {
      expect(parseMoney(text)).toBeUndefined();
    },
  );
});

describe('prices', () => {
  const spec = create(UpstreamSpecSchema, {
    prices: [
      { model: 'gpt-5-mini*', input: '0.25', cachedInput: '0.025', output: '2' },
      { model: 'gpt-*', input: '1.25', output: '10' },
    ],
  });
  const usage = { inputTokens: 1_000_000, cachedInputTokens: 400_000, outputTokens: 200_000 };

  test('the first that fits counts, with its price for cached tokens', () => {
    const price = priceOf(spec, 'gpt-5-mini-2026');
    expect(price && costOf(price, usage)).toBe(150_000 + 10_000 + 400_000);
  });
  test('without a price for cached tokens they cost as much as others', () => {
    const price = priceOf(spec, 'gpt-5');
    expect(price && costOf(price, usage)).toBe(1_250_000 + 2_000_000);
  });
  test('what costs less than a millionth is rounded up, and more cached tokens than tokens are none', () => {
    const price = priceOf(spec, 'gpt-5-mini');
    expect(price && costOf(price, { inputTokens: 1, cachedInputTokens: 9, outputTokens: 0 })).toBe(1);
  });
  test('a model that none fits has none', () => {
    expect(priceOf(spec, 'o9')).toBeUndefined();
    expect(priceOf(undefined, 'gpt-5')).toBeUndefined();
  });
});
