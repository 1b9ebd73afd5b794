import { expect, test } from 'vitest';
import { readRequest } from '#core/provider/openai/request.ts';
import { readTarget, type Target } from '#core/provider/openai/target.ts';
import type { Exchange } from '../../../data-plane/exchange.ts';
import { estimate } from '../../../data-plane/limit/estimate.ts';

const target = readTarget('POST', '/chat/completions') as Target;

function estimateOf(body: object, edits: readonly object[] = []): number {
  const messages = [{ role: 'user', content: 'hello' }];
  const bytes = Buffer.from(JSON.stringify({ model: 'gpt-test', messages, ...body }));
  const received = { target, body: bytes, content: readRequest(target, bytes) };
  return estimate({ received, verdict: { edits } } as unknown as Exchange).outputTokens;
}

test.each([
  [{}, 0],
  [{ max_tokens: 500 }, 500],
  [{ max_tokens: 500, n: 3 }, 1_500],
  // Nobody sets aside what others may spend by asking for more than any model gives.
  [{ max_tokens: 9_007_199_254_740_991 }, 1_000_000],
  [{ max_tokens: 2, n: 1_000_000_000 }, 256],
])('%j may have so many tokens', (body, tokens) => {
  expect(estimateOf(body)).toBe(tokens);
});

test('what policy makes of the length counts', () => {
  expect(estimateOf({ max_tokens: 500 }, [{ path: ['max_tokens'], value: 20 }])).toBe(20);
});
