import { describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { hideSecrets } from '#core/provider/openai/answer/secret-masker.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { findSecrets, redactBody, redactUnread, secretTexts } from '#core/provider/openai/secrets.ts';
import { createTestMasker } from './masker.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const redact = (body: object) =>
  JSON.parse(decode(redactBody(encode(JSON.stringify(body)), findSecrets(body))));

const MCP = {
  type: 'mcp',
  server_label: 'ehr',
  server_url: 'https://user:canary@mcp.example/sse?key=canary#canary',
  authorization: 'canary',
  headers: { 'X-Key': 'canary', Authorization: 'Bearer canary' },
};

function nested(levels: number): object {
  return levels === 0 ? MCP : { type: 'namespace', tools: [nested(levels - 1)] };
}

describe('the credentials of tools', () => {
  test.each<[string, object]>([
    ['in tools', { model: 'gpt-5', tools: [{ type: 'function', name: 'f' }, MCP] }],
    ['in a namespace', { tools: [{ type: 'namespace', tools: [MCP] }] }],
    ['in namespaces however deep', { tools: [nested(20)] }],
    ['in an input item', { input: [{ type: 'additional_tools', tools: [MCP] }] }],
    ['in the items of a conversation', { items: [{ type: 'additional_tools', tools: [MCP] }] }],
    ['in the frame of a connection', { type: 'response.create', response: { tools: [MCP] } }],
    [
      'with a connector',
      { tools: [{ type: 'mcp', connector_id: 'connector_gmail', authorization: 'canary' }] },
    ],
    [
      'of another type',
      { tools: [{ type: 'mcp', authorization: { token: 'canary' }, headers: ['canary'] }] },
    ],
    [
      'of a network',
      {
        tools: [
          {
            type: 'shell',
            environment: {
              network_policy: { domain_secrets: [{ domain: 'a.example', name: 'K', value: 'canary' }] },
            },
          },
          {
            type: 'code_interpreter',
            container: { network_policy: { domain_secrets: [{ domain: 'a.example', value: 'canary' }] } },
          },
        ],
      },
    ],
    [
      'of sources of data',
      {
        data_sources: [
          { type: 'azure_search', parameters: { authentication: { type: 'api_key', key: 'canary' } } },
          {
            type: 'elasticsearch',
            parameters: {
              authentication: { type: 'key_and_key_id', key: 'canary', key_id: 'canary' },
              embedding_dependency: { authentication: { type: 'access_token', access_token: 'canary' } },
            },
          },
          { type: 'azure_cosmos_db', parameters: { connectionString: 'canary', Key: ['canary'] } },
          { type: 'azure_search', parameters: { authentication: 'canary' } },
        ],
      },
    ],
  ])('are taken out %s', (_where, body) => {
    expect(JSON.stringify(redact(body))).not.toContain('canary');
    expect(JSON.stringify(redact(body))).toContain('[REDACTED]');
  });

  test('leave behind what is no secret, and everything else byte for byte', () => {
    expect(redact({ tools: [MCP] }).tools[0]).toEqual({
      type: 'mcp',
      server_label: 'ehr',
      server_url: 'https://[REDACTED]@mcp.example/sse?[REDACTED]',
      authorization: '[REDACTED]',
      headers: { 'X-Key': '[REDACTED]', Authorization: '[REDACTED]' },
    });
    const text = '{ "seed":12345678901234567890,"tools":[{"type":"mcp","authorization" : "canary"}] }';
    expect(decode(redactBody(encode(text), findSecrets(JSON.parse(text))))).toBe(
      text.replace('canary', '[REDACTED]'),
    );
  });

  test('are what tools have: elsewhere the same words are text, which the record keeps', () => {
    const body = {
      input: [{ role: 'user', content: 'x', authorization: 'text', headers: { a: 'text' } }],
      metadata: { authorization: 'text' },
      tools: [
        { type: 'function', name: 'f', parameters: { tools: [{ ...MCP, authorization: 'text' }] } },
        {
          ...MCP,
          type: 'function',
          environment: { network_policy: { domain_secrets: [{ value: 'text' }] } },
        },
        { type: 'custom', name: 'g', authorization: 'text' },
        { name: 'h', headers: { a: 'text' } },
      ],
    };
    expect(findSecrets(body)).toEqual([]);
  });

  test('are taken out of an answer that repeats them', () => {
    const route = findRoute('POST', '/responses') as Route;
    const answer = JSON.stringify({ id: 'resp_0123456789abcdef', tools: [MCP], output: [] });
    const { body } = maskResponse(route, encode(answer), createTestMasker());
    expect(decode(body)).not.toContain('canary');
    expect(JSON.parse(decode(body)).tools[0].server_label).toBe('ehr');
  });
});

describe('what an answer quotes of them', () => {
  test('are the values, without their scheme too, and the parts of a URL; not what is short', () => {
    const body = {
      tools: [{ type: 'mcp', authorization: 'Bearer canary-0001', headers: { a: 'canary-0002', b: '1' } }],
    };
    expect(secretTexts(body, findSecrets(body))).toEqual([
      'Bearer canary-0001',
      'canary-0001',
      'canary-0002',
    ]);
    const url = {
      tools: [{ type: 'mcp', server_url: 'https://user:canary-0003@mcp.example/a?key=canary-0004' }],
    };
    expect(secretTexts(url, findSecrets(url))).toEqual(['user:canary-0003', 'canary-0003', 'canary-0004']);
  });

  test('are refused when they are very many', () => {
    const sent = (count: number) => {
      const values = Array.from({ length: count }, (_, index) => [`h${index}`, `canary-${100_000 + index}`]);
      return { tools: [{ type: 'mcp', headers: Object.fromEntries(values) }] };
    };
    const [few, many] = [sent(5_000), sent(5_100)];
    expect(secretTexts(few, findSecrets(few))).toHaveLength(5_000);
    expect(() => secretTexts(many, findSecrets(many))).toThrow(
      'The credentials of tools have more than 65536 characters: send fewer.',
    );
  });

  const masker = hideSecrets(createTestMasker(), ['canary-0001', 'canary-0001-long', 'ananas']);

  test.each([
    ['a canary-0001.', 'a [REDACTED].'],
    ['canary-0001-long canary-0001-lo', '[REDACTED] [REDACTED]-lo'],
    ['canary-000', 'canary-000'],
    ['bananananas', 'banan[REDACTED]'],
    ['123-45-6789 canary-0001', '[US_SSN] [REDACTED]'],
  ])('is taken out, however it is cut: %s', (text, expected) => {
    expect(masker.mask(text).text).toBe(expected);
    for (let size = 1; size < text.length; size++) {
      const stream = masker.stream();
      let out = '';
      for (let at = 0; at < text.length; at += size) out += stream.push(text.slice(at, at + size));
      expect(out + stream.end()).toBe(expected);
    }
  });

  const findings = createMasker(createDetector(), MASK_ALL);

  test.each([
    [
      'a label',
      ['record number is '],
      'The medical record number is 482137.',
      'The medical [REDACTED][MRN].',
    ],
    [
      'a part of a label',
      ['edical rec'],
      'The medical record number is 482137.',
      'The m[REDACTED]ord number is [MRN].',
    ],
    ['a part of a value', ['SSN 078-05'], 'Her SSN 078-05-1120 is hers.', 'Her [REDACTED] is hers.'],
    ['a text around a value', ['x 078-05-1120 y'], 'SSN x 078-05-1120 y.', 'SSN [REDACTED].'],
    ['texts that overlap', ['abcd-efgh', 'efgh-ijkl'], 'so abcd-efgh-ijkl it', 'so [REDACTED] it'],
    ['a text in another', ['abcd-efgh-ijkl', 'efgh'], 'so abcd-efgh-ijkk it', 'so abcd-[REDACTED]-ijkk it'],
  ])(
    'hides no identifier, and none hides a part of it, however it is cut: %s',
    (_what, secrets, text, expected) => {
      const hiding = hideSecrets(findings, secrets);
      expect(hiding.mask(text).text).toBe(expected);
      for (let size = 1; size < text.length; size++) {
        const stream = hiding.stream();
        let out = '';
        for (let at = 0; at < text.length; at += size) out += stream.push(text.slice(at, at + size));
        expect(out + stream.end()).toBe(expected);
      }
    },
  );

  test('is taken out of JSON as well', () => {
    expect(masker.maskJson('{"a":"canary-0001"}').text).toBe('{"a":"[REDACTED]"}');
  });
});

describe('a body that is refused unread', () => {
  test.each([
    ['a key that stands twice', '{"tools":[{"authorization":"canary"}],"a":1,"a":2}'],
    ['no JSON', '{"tools":[{"headers":{"k":"canary"}}'],
    ['an escaped key', '{"tools":[{"\\u0061uthorization":"canary"}]'],
    ['UTF-16', Buffer.from('{"tools":[{"authorization":"canary"}]}', 'utf16le').toString('latin1')],
  ])('is not kept where it may hold a secret: %s', (_what, text) => {
    const kept = decode(redactUnread(Buffer.from(text, 'latin1')));
    expect(kept.replaceAll('\0', '')).not.toContain('canary');
    expect(kept).toMatch(/^\(\d+ bytes/);
  });

  test('is kept without its secrets where it is JSON, and whole where it has no sign of one', () => {
    const text = '{"input":[1],"tools":[{"type":"mcp","authorization":"canary"}]}';
    expect(decode(redactUnread(encode(text)))).toBe(text.replace('canary', '[REDACTED]'));
    expect(decode(redactUnread(encode('{"input":')))).toBe('{"input":');
  });
});
