import { describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { readTexts } from '#core/provider/openai/request/read-texts.ts';
import { readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import { findTokenEdits } from '#core/provider/openai/request/tokenize.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { countFindings } from '../../../../data-plane/inspect/findings.ts';

const detector = createDetector();
const masker = createMasker(detector, MASK_ALL);
const responses = findRoute('POST', '/v1/responses') as Route;
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const mask = (answer: unknown): unknown =>
  JSON.parse(decode(maskResponse(responses, encode(JSON.stringify(answer)), masker).body));

// Invented: nobody's data.
const TEXT = 'The patient Maria Beispiel, MRN 00482913, was seen on March 3, 2024 in the cardiology clinic.';

describe('an answer does not say in another form what is masked in it:', () => {
  test('as a word of the API that it has none of', () => {
    for (const key of ['role', 'status', 'finish_reason', 'phase', 'service_tier', 'type', 'object'])
      expect(mask({ [key]: 'maria_okafor' })).toEqual({ [key]: '[PERSON]' });
    const words = {
      type: 'response.mcp_call.in_progress',
      status: 'in_progress',
      finish_reason: 'end_turn',
      object: 'list',
    };
    expect(mask(words)).toEqual(words);
    const stream = createStreamMasker(responses, masker);
    const wire =
      'event: maria_okafor\ndata: {"type":"response.new"}\n\nevent: response.new\ndata: {"type":"response.new"}\n\n';
    expect(decode(stream.push(encode(wire)))).toBe(
      'data: {"type":"response.new"}\n\nevent: response.new\ndata: {"type":"response.new"}\n\n',
    );
  });

  test('as ciphertext that is none', () => {
    const { encrypted_content: said } = mask({ encrypted_content: Buffer.from(TEXT).toString('base64') }) as {
      readonly encrypted_content: string;
    };
    expect(Buffer.from(said, 'base64').toString()).toBe(masker.mask(TEXT).text);
    const cipher = {
      encrypted_content: Buffer.from(Array.from({ length: 96 }, (_, i) => (i * 151) % 256)).toString(
        'base64',
      ),
    };
    expect(mask(cipher)).toEqual(cipher);
  });

  test('in a list of its pieces', () => {
    const pieces = ['The', ' pa', 'tient', ' has', ' SS', 'N', ' 078', '-05', '-', '1120'];
    expect(
      mask({
        spelled: pieces,
        content: [...TEXT],
        languages: ['en', 'de', 'fr'],
        queries: pieces.slice(0, 3),
      }),
    ).toEqual({
      spelled: [],
      content: [],
      languages: ['en', 'de', 'fr'],
      queries: pieces.slice(0, 3),
    });
    const stream = createStreamMasker(responses, masker);
    const event = { type: 'response.new', delta: { content: pieces }, x: pieces };
    expect(decode(stream.push(encode(`data: ${JSON.stringify(event)}\n\n`)))).toBe(
      'data: {"type":"response.new","delta":{"content":[]},"x":[]}\n\n',
    );
  });
});

describe('a request is read', () => {
  test('where it has a number for a text', async () => {
    const texts = readTexts({
      user: 219_099_999,
      messages: [{ role: 'user', content: 219_099_999 }],
      seed: 219_099_999,
      stop_token_ids: [128_009],
    });
    expect(texts.map(({ place, text }) => [place, text])).toEqual([
      ['user', 'user: 219099999'],
      ['messages[0].content', 'content: 219099999'],
    ]);
  });

  test('where it has media and files in maps', () => {
    const opaque: string[] = [];
    const picture = Buffer.from('\x89PNG\r\n\x1a\n'.padEnd(90, '\x01'), 'latin1').toString('base64');
    const file = `data:text/plain;base64,${Buffer.from(TEXT).toString('base64')}`;
    const variables = {
      scan: { type: 'input_image', image_url: `data:image/png;base64,${picture}` },
      notes: [{ type: 'input_file', file_data: file }],
    };
    const texts = readTexts({ prompt: { id: 'pmpt_1', variables } }, ({ place, kind }) =>
      opaque.push(`${place} ${kind}`),
    );
    expect(opaque).toEqual(['prompt.variables.scan.image_url image']);
    expect(texts).toContainEqual({ place: 'prompt.variables.notes[0].file_data', text: TEXT });
    expect(() => [...findTokenEdits({ metadata: { a: file } }, [], masker)]).toThrow('is encoded');
  });

  test('in the names of parts of a form', async () => {
    const part = (name: string, filename: string, bytes: string) =>
      `--b\r\ncontent-disposition: form-data; name="${name}"${filename}\r\n\r\n${bytes}\r\n`;
    const form = [
      part('Maria_Beispiel', '; filename="a.txt"', 'x'),
      part('image[Maria_Beispiel]', '', '\u0001'),
      part('Anna_Meier', '', 'x'),
      part('purpose', '', 'user_data'),
    ];
    const target = readTarget('POST', '/v1/files') as Target;
    const { texts } = readRequest(
      target,
      Buffer.from(`${form.join('')}--b--\r\n`),
      'multipart/form-data; boundary=b',
    );
    const counts = await countFindings(detector, texts);
    expect(counts.filter(({ PERSON }) => PERSON === 1)).toHaveLength(3);
  });
});
