import { describe, expect, it } from 'vitest';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { maskResponse } from '#core/provider/openai/response.ts';
import { createStreamMasker } from '#core/provider/openai/stream.ts';
import { SSN } from './fixtures/responses.ts';
import { createTestMasker } from './masker.ts';

const chat = findRoute('POST', '/v1/chat/completions') as Route;
const embeddings = findRoute('POST', '/v1/embeddings') as Route;
const masker = createTestMasker();
const encode = (text: string) => new TextEncoder().encode(text);
const ids = (text: string) => [...encode(text)];

function mask(value: unknown, route = chat): unknown {
  const { body } = maskResponse(route, encode(JSON.stringify(value)), masker);
  return JSON.parse(new TextDecoder().decode(body));
}

describe('an answer that says its text as numbers', () => {
  it('loses the tokens, bytes and states that servers name so', () => {
    const choice = {
      index: 0,
      message: { role: 'assistant', content: SSN },
      token_ids: ids(SSN),
      meta_info: { output_token_logprobs: [[-0.1, 50, null]], hidden_states: [[0.5]] },
      __verbose: { tokens: [50], completion_probabilities: [{ id: 50, token: '2', bytes: [50] }] },
    };
    expect(mask({ prompt_token_ids: [104], prompt_logprobs: [null], choices: [choice] })).toEqual({
      prompt_token_ids: [],
      prompt_logprobs: [],
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: '[US_SSN]' },
          token_ids: [],
          meta_info: { output_token_logprobs: [], hidden_states: [] },
          __verbose: { tokens: [], completion_probabilities: [] },
        },
      ],
    });
  });

  it('loses long lists of integers that nothing is known of', () => {
    expect(mask({ spelled: ids(SSN), rows: ids(SSN).map((id) => [id]), few: [1, 2, 3] })).toEqual({
      spelled: [],
      rows: [],
      few: [1, 2, 3],
    });
  });

  it('loses a token by itself, and keeps counts', () => {
    expect(mask({ token_id: 83, last_token_id: 7, usage: { total_tokens: 3 } })).toEqual({
      token_id: null,
      last_token_id: null,
      usage: { total_tokens: 3 },
    });
  });

  it('loses them piece by piece in a stream', () => {
    const stream = createStreamMasker(chat, masker);
    const events = [...SSN].map((content) => ({
      choices: [{ index: 0, delta: { content, tokens: ids(content) }, token_ids: ids(content) }],
    }));
    const bytes = encode(
      `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`,
    );
    const out = new TextDecoder().decode(stream.push(bytes)) + new TextDecoder().decode(stream.end());
    expect(out).toContain('[US_SSN]');
    expect(out).not.toMatch(/\[\d/);
  });

  it('keeps vectors, of whole numbers too', () => {
    const vectors = [
      [0.5, 1, -2, 0.25, 4821337, 6, 7, 8],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ];
    const data = vectors.map((embedding, index) => ({ object: 'embedding', index, embedding }));
    expect(mask({ object: 'list', data }, embeddings)).toEqual({ object: 'list', data });
  });
});
