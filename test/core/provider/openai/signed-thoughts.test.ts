import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { readTexts } from '#core/provider/openai/request/read-texts.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { countFindings } from '../../../../data-plane/inspect/findings.ts';
import { formatChunks, parseEvents } from './fixtures/sse.ts';

const detector = createDetector();
const masker = createMasker(detector, MASK_ALL);
const chat = findRoute('POST', '/v1/chat/completions') as Route;

/** Drawn by chance, of those in which there would be names or codes if they were texts. */
const [SIGNATURE = '', ...OTHERS] = Array.from({ length: 60 }, (_, seed) =>
  Buffer.concat(Array.from({ length: 19 }, (_, at) => createHash('sha256').update(`${seed} ${at}`).digest()))
    .subarray(0, 600)
    .toString('base64'),
)
  .filter((letters) => masker.mask(letters).text !== letters)
  .slice(0, 4);

// As Gemini, LiteLLM and OpenRouter have them.
const SIGNED = [
  { tool_calls: [{ index: 0, id: 'call_1', extra_content: { google: { thought_signature: SIGNATURE } } }] },
  { thinking_blocks: [{ type: 'thinking', thinking: 'so', signature: SIGNATURE }] },
  { provider_specific_fields: { thought_signatures: [SIGNATURE, ...OTHERS] } },
  { reasoning_details: [{ type: 'reasoning.text', text: 'so', signature: SIGNATURE, index: 0 }] },
];

test.each(SIGNED.map((message) => [Object.keys(message)[0], message]))(
  'the signature of a thought comes back as it was: in %s',
  async (_name, message) => {
    const answer = JSON.stringify({ choices: [{ index: 0, message }] });
    const whole = maskResponse(chat, new TextEncoder().encode(answer), masker);
    expect(new TextDecoder().decode(whole.body)).toBe(answer);
    const chunks = [
      { choices: [{ index: 0, delta: message }] },
      { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    ];
    const stream = createStreamMasker(chat, masker);
    const said = parseEvents(Buffer.concat([stream.push(formatChunks(chunks)), stream.end()]));
    expect(JSON.stringify(said[0])).toContain(`"${SIGNATURE}"`);

    const texts = readTexts({ messages: [{ role: 'assistant', ...message }] });
    expect(await countFindings(detector, texts)).toEqual(texts.map(() => ({})));
  },
);

test('texts of such letters may have findings', () => {
  expect(OTHERS.length).toBe(3);
});

test('what is no signature under its name is masked, also in base64', () => {
  const text = 'The patient Maria Beispiel, MRN 00482913, was seen in the cardiology clinic.';
  const message = { signature: text, thought_signature: Buffer.from(text).toString('base64') };
  const answer = new TextEncoder().encode(JSON.stringify({ choices: [{ index: 0, message }] }));
  const masked = JSON.parse(new TextDecoder().decode(maskResponse(chat, answer, masker).body)).choices[0]
    .message;
  expect(masked.signature).toBe(masker.mask(text).text);
  expect(Buffer.from(masked.thought_signature, 'base64').toString()).toBe(masker.mask(text).text);
});
