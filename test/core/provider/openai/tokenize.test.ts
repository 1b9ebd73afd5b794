import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { TokenMap } from '#core/phi/token/token-map.ts';
import { createTokenizer } from '#core/phi/token/tokenizer.ts';
import { editRequest } from '#core/provider/openai/request/outgoing.ts';
import { parseBody } from '#core/provider/openai/request/request.ts';
import { findTokenEdits, replaceInTexts } from '#core/provider/openai/request/tokenize.ts';
import { findSecrets } from '#core/provider/openai/secrets.ts';

const detector = createDetector();

/** What goes upstream of a body: what is found replaced, and then the same values wherever else they stand. */
function tokenize(text: string, map = new TokenMap(new Uint8Array(32).fill(5))): string {
  let body: Uint8Array = new TextEncoder().encode(text);
  const secrets = findSecrets(parseBody(body)).map(({ path }) => path);
  const tokenizers = [
    createTokenizer(detector, detector.entities, map, () => {}),
    replaceInTexts((plain) => map.sweep(plain, () => {})),
  ];
  for (const tokenizer of tokenizers) {
    const edits = [...findTokenEdits(parseBody(body), secrets, tokenizer)];
    body = editRequest(
      '',
      body,
      edits.filter((edit) => edit !== undefined),
    ).body;
  }
  return new TextDecoder().decode(body);
}

// Invented: nobody's data.
const NOTE = 'Patient: Maria Beispiel, MRN 00482913';

describe('a body with tokens', () => {
  test('is byte for byte what it was but for the strings that had something', () => {
    const text = `{ "model":"gpt-5" ,"seed":12345678901234567890,"a":"\\u0041/\\/", "input":"${NOTE}"}`;
    expect(tokenize(text)).toMatch(
      /^\{ "model":"gpt-5" ,"seed":12345678901234567890,"a":"\\u0041\/\\\/", "input":"Patient: \[PERSON_[a-z]{8}\], MRN \[MRN_[a-z]{8}\]"\}$/,
    );
  });

  test('keeps a value as it is read where it stood with escapes of JSON within JSON', () => {
    const map = new TokenMap(new Uint8Array(32).fill(5));
    const inner = String.raw`{"note":"Patient:\tMaria M\u00fcller\nMRN 482913"}`;
    const { input } = JSON.parse(tokenize(JSON.stringify({ input: JSON.stringify({ inner }) }), map));
    const { note } = JSON.parse(JSON.parse(input).inner);
    expect(note).toMatch(/^Patient:\t\[PERSON_[a-z]{8}\]\nMRN \[MRN_[a-z]{8}\]$/);
    expect(map.expand(note)).toBe('Patient:\tMaria Müller\nMRN 482913');
  });

  test('has none of the values that only their key tells, one or many', () => {
    const { input } = JSON.parse(tokenize('{"input":[{"type":"record","mrn":"482913","mrns":["482914"]}]}'));
    expect(input[0].mrn).toMatch(/^\[MRN_[a-z]{8}\]$/);
    expect(input[0].mrns[0]).toMatch(/^\[MRN_[a-z]{8}\]$/);
  });

  test('has none of the values, wherever they stood, and gives them back', () => {
    const values = ['Maria Beispiel', '00482913', '078-05-1120', 'm.beispiel@example.org'];
    const told = fc
      .constantFrom(...values)
      .map((value) =>
        value.includes('@')
          ? `write to ${value}`
          : `${/^[A-Z]/.test(value) ? 'Patient:' : value.includes('-') ? 'SSN' : 'MRN'} ${value}`,
      );
    const text = fc.oneof(
      told,
      fc.constantFrom(...values),
      fc.tuple(told, fc.constantFrom('.', ' is well', '\n- "x"', ' \\ ')).map(([one, rest]) => one + rest),
    );
    const shape = text.chain((one) =>
      fc.constantFrom<unknown>(
        one,
        [{ role: 'user', content: [{ type: 'input_text', text: one }] }],
        [
          {
            type: 'function_call',
            call_id: 'call_1',
            name: 'file',
            arguments: JSON.stringify({ note: one }),
          },
        ],
        [
          {
            type: 'function_call_output',
            call_id: 'call_1',
            output: JSON.stringify([JSON.stringify([one])]),
          },
        ],
        [
          {
            type: 'function_call_output',
            call_id: 'call_1',
            output: JSON.stringify({ [one]: { [one]: 1 } }),
          },
        ],
        [{ type: 'function_call_output', call_id: 'call_1', output: `${one}\n${JSON.stringify({ one })}` }],
      ),
    );
    fc.assert(
      fc.property(shape, told, text, (input, instructions, note) => {
        const map = new TokenMap(new Uint8Array(32).fill(5));
        // Each value is told of in the instructions, so that it is known.
        const all = values.map((value) => (value.includes('@') ? value : `MRN ${value}`)).join('; ');
        const body = {
          instructions: `${instructions}. ${NOTE}; SSN 078-05-1120; ${all}`,
          input,
          metadata: { note },
        };
        const sent = tokenize(JSON.stringify(body), map);
        for (const value of values) expect(sent).not.toContain(value);
        expect(JSON.parse(tokenize(sent, map))).toEqual(JSON.parse(sent));
        const back = replaceInTexts((plain) => map.expand(plain)).maskJson(sent).text;
        expect(JSON.parse(back)).toEqual(body);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['metadata', { metadata: { mrn: '00482913' } }],
    ['a number in it', { metadata: { mrn: 10482913 } }],
    ['a default in a schema', { tools: [{ parameters: { default: { ssn: '078-05-1120' } } }] }],
    ['a filter', { tools: [{ filters: { key: 'mrn', type: 'eq', value: '00482913' } }] }],
    ['a prompt variable', { prompt: { id: 'pmpt_1', variables: { patient: 'Maria Beispiel' } } }],
    ['JSON that is a tool output', { input: [{ output: '{"patient":{"name":"Maria Beispiel"}}' }] }],
  ])('replaces in %s by what its key says', (_, members) => {
    const sent = tokenize(JSON.stringify(members));
    expect(sent).not.toMatch(/482913|Beispiel|078-05/);
    expect(sent).toMatch(/\[[A-Z_]+_[a-z]{8}\]/);
  });

  test.each([
    [
      { input: [{ type: 'input_image', image_url: 'https://ehr.example/Maria' }] },
      'input[0].image_url',
      'address',
    ],
    [
      { messages: [{ content: [{ image_url: { url: 'https://ehr.example/p' } }] }] },
      /image_url\.url$/,
      'address',
    ],
    [{ tools: [{ type: 'mcp', server_url: 'https://ehr.example/mcp' }] }, 'tools[0].server_url', 'address'],
    [
      { tools: [{ type: 'mcp', authorization: 'Bearer SSN 078-05-1120' }] },
      'tools[0].authorization',
      'credential',
    ],
    [{ tools: [{ type: 'mcp', headers: { ssn: '078-05-1120' } }] }, 'tools[0].headers.ssn', 'credential'],
    [{ tools: [{ name: 'MRN 00482913' }] }, 'tools[0].name', "tool's name"],
    [{ previous_response_id: 'SSN 078-05-1120' }, 'previous_response_id', 'id'],
    [{ metadata: { 'SSN 078-05-1120': 'x' } }, 'metadata', 'key'],
    [{ 'SSN 078-05-1120': 'x' }, 'body', 'key'],
    [{ input: NOTE, metadata: { '00482913': 'x' } }, 'metadata', 'key'],
    [
      { tools: [{ parameters: { properties: { 'SSN 078-05-1120': {} } } }] },
      'tools[0].parameters.properties',
      'key',
    ],
    [{ file_data: `data:text/plain;base64,${btoa(NOTE)}` }, 'file_data', 'encoded'],
    [{ input: `data:text/plain,${NOTE}` }, 'input', 'encoded'],
    [{ file_data: btoa('078-05-1120') }, 'file_data', 'encoded'],
    [{ file_data: btoa(NOTE).replaceAll(/(.{20})/g, '$1\n') }, 'file_data', 'encoded'],
    [{ audio_url: 'https://x.example/078-05-1120/12345' }, 'audio_url', 'address'],
  ])('%j is refused, and says none of it', (members, place, why) => {
    let thrown: unknown;
    try {
      tokenize(JSON.stringify(members));
    } catch (error) {
      thrown = error;
    }
    const at = typeof place === 'string' ? place : expect.stringMatching(place);
    expect(thrown).toMatchObject({ name: 'TokenizeError', place: at, message: expect.stringContaining(why) });
    expect(String(thrown)).not.toMatch(/078|0048|Beispiel/);
  });
});
