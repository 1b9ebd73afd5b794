import { describe, expect, it } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { RequestError, readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import { processorMs } from '../../../env/processor-time.ts';

const responses = readTarget('POST', '/responses') as Target;
const chat = readTarget('POST', '/chat/completions') as Target;
const encode = (text: string) => new TextEncoder().encode(text);
const read = (body: unknown, route = responses) => readRequest(route, encode(JSON.stringify(body)));
const texts = (body: unknown) => Object.fromEntries(read(body).texts.map(({ place, text }) => [place, text]));

describe('readRequest', () => {
  it('reads a Responses request', () => {
    const request = read({
      model: 'gpt-4o-2024-08-06',
      stream: true,
      instructions: 'Be kind.',
      previous_response_id: 'resp_0123456789abcdef',
      conversation: { id: 'conv_0123456789abcdef' },
      tools: [
        { type: 'function', name: 'lookup', parameters: {} },
        { type: 'web_search' },
        { type: 'mcp', server_label: 'ehr', server_url: 'https://ehr.example' },
        { type: 'custom', name: 'sql' },
        { type: 'namespace', name: 'crm', tools: [{ type: 'function', name: 'find' }] },
        { type: 'web_search' },
      ],
      input: [
        { role: 'user', content: 'Hi' },
        { type: 'function_call_output', call_id: 'call_0123456789abcdef', output: 'done' },
        { type: 'custom_tool_call_output', call_id: 'call_b', output: 'done' },
        { type: 'function_call', call_id: 'call_c', name: 'lookup', arguments: '{}' },
        { type: 'additional_tools', tools: [{ type: 'function', name: 'late' }] },
      ],
    });
    expect(request).toMatchObject({
      model: 'gpt-4o-2024-08-06',
      stream: true,
      previousResponseId: 'resp_0123456789abcdef',
      conversation: 'conv_0123456789abcdef',
      tools: ['lookup', 'web_search', 'mcp', 'sql', 'crm', 'find', 'late'],
      callIds: ['call_0123456789abcdef', 'call_b'],
    });
  });

  it('reads a Chat Completions request', () => {
    const request = read(
      {
        model: 'gpt-4o',
        messages: [
          {
            role: 'assistant',
            tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
          { role: 'tool', tool_call_id: 'call_a', content: 'x' },
        ],
        tools: [
          { type: 'function', function: { name: 'f' } },
          { type: 'custom', custom: { name: 'g' } },
        ],
        functions: [{ name: 'h' }],
        web_search_options: {},
      },
      chat,
    );
    expect(request).toMatchObject({
      stream: false,
      tools: ['f', 'g', 'h', 'web_search'],
      callIds: ['call_a'],
      previousResponseId: undefined,
      conversation: undefined,
    });
  });

  it('has nothing to read where there is no body', () => {
    const models = readTarget('GET', '/models') as Target;
    expect(readRequest(models, new Uint8Array())).toMatchObject({ model: '', stream: false, texts: [] });
  });

  it('takes a conversation by name, and null for absent members', () => {
    expect(read({ conversation: 'conv_1' }).conversation).toBe('conv_1');
    expect(read({ model: null, stream: null, conversation: null, previous_response_id: null })).toMatchObject(
      {
        model: '',
        stream: false,
      },
    );
  });
});

describe('the texts of a request', () => {
  it('are all its strings, with their places', () => {
    expect(
      texts({
        model: 'gpt-4o',
        instructions: 'a',
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: 'b' },
              { type: 'input_file', filename: 'c.txt' },
            ],
          },
          { type: 'message', role: 'user', content: 'd' },
        ],
        user: 'e',
        safety_identifier: 'f',
        prompt: { id: 'pmpt_0123456789abcdef', variables: { name: 'g', n: 7 } },
        metadata: { 'a b': 'h' },
        unknown: { deep: [['i']] },
        tools: [
          {
            type: 'function',
            name: 'j',
            description: 'k',
            parameters: { type: 'object', default: { x: 'l' } },
          },
        ],
      }),
    ).toEqual({
      instructions: 'a',
      body: 'unknown',
      unknown: 'deep',
      'input[0].content[0].text': 'b',
      'input[0].content[1].filename': 'c.txt',
      'input[1].content': 'd',
      user: 'e',
      safety_identifier: 'f',
      'prompt.variables.name': 'name: g',
      'prompt.variables.n': 'n: 7',
      'metadata["a b"]': 'a b: h',
      'unknown.deep[0][0]': 'i',
      'tools[0].name': 'j',
      'tools[0].description': 'k',
      'tools[0].parameters.type': 'type: object',
      'tools[0].parameters.default': 'default: {"x":"l"}',
    });
  });

  it('include keys that are no plain words', () => {
    expect(texts({ 'John Smith': 1 })).toEqual({ '["John Smith"]': 'John Smith' });
  });

  it('are read decoded where JSON stands in a string, also twice', () => {
    const inner = JSON.stringify({ note: 'Patient:\nJohn' });
    const outer = JSON.stringify({ a: inner, n: 1 });
    expect(texts({ input: [{ type: 'function_call', arguments: outer }] })).toEqual({
      'input[0].arguments': '{"a":"{"note":"Patient:\nJohn"}","n":1}',
    });
    expect(texts({ input: 'C:\\new {"not json"' })).toEqual({ input: 'C:\\new {"not json"' });
  });

  it('leave out issued ids and words of the API, but not what only stands in their place', () => {
    expect(
      texts({ input: [{ id: 'msg_0123456789abcdef', type: 'message', role: 'user', status: 'completed' }] }),
    ).toEqual({});
    expect(
      texts({ input: [{ id: '123-45-6789', type: 'MRN 1', role: 'Dr. Who', call_id: 'john_smith' }] }),
    ).toEqual({
      'input[0].id': '123-45-6789',
      'input[0].type': 'MRN 1',
      'input[0].role': 'Dr. Who',
      'input[0].call_id': 'john_smith',
    });
  });

  it('hold the text behind base64, and of media that they are there', () => {
    const text = Buffer.from(
      'Patient: John Smith, born on the first of May 1980, lives in Springfield',
    ).toString('base64');
    const png = Buffer.from([0x89, 0x50, 0xff, ...new Array(80).fill(7)]).toString('base64');
    expect(
      texts({
        input: [
          { file_data: text },
          { file_data: png },
          { image_url: `data:image/png;base64,${png}` },
          { file_data: `data:text/plain;base64,${text}` },
        ],
      }),
    ).toEqual({
      'input[0].file_data': expect.stringContaining('Springfield'),
      'input[1].file_data': '(data that cannot be read, 83 bytes)',
      'input[2].image_url': '(data that cannot be read, 83 bytes)',
      'input[3].file_data': expect.stringContaining('Springfield'),
    });
  });
});

it.each([90, 1_234, 92_592, 200_031, 30_832_328])('%i bytes of a picture are no identifier', (size) => {
  const png = Buffer.alloc(size, 0xff).toString('base64');
  const [said = ''] = Object.values(texts({ input: [{ image_url: `data:image/png;base64,${png}` }] }));
  expect(said).toContain('cannot be read');
  expect(createDetector().scan(said)).toEqual([]);
});

describe('texts do not hide', () => {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

  it.each([
    [
      'behind one byte that is no UTF-8',
      `data:text/plain;base64,${base64(Buffer.from('bulk \xff', 'latin1'))}`,
    ],
    ['in UTF-16', `data:text/plain;base64,${base64(Buffer.from('bulk', 'utf16le'))}`],
    ['in a type that says nothing', `data:application/octet-stream;base64,${base64(Buffer.from('bulk'))}`],
    ['in a URL in capitals', `DATA:TEXT/PLAIN;BASE64,${base64(Buffer.from('bulk'))}`],
    [
      'in UTF-16, in a type that says nothing',
      `data:;base64,${base64(Buffer.from('\ufeffbulk', 'utf16le'))}`,
    ],
    ['as a picture', `data:image/png;base64,${base64(Buffer.from('bulk'))}`],
    ['behind a space', ` data:text/plain;base64,${base64(Buffer.from('bulk'))}`],
    ['behind spaces in the type', `data:text/plain; charset=utf-8 ; base64 ,${base64(Buffer.from('bulk'))}`],
    ['in lines', `data:text/plain;base64,${base64(Buffer.from('in bulk')).replace(/(.{4})/g, '$1\r\n')}`],
    ['in the letters of URLs', `data:text/plain;base64,${Buffer.from('bulk ?>~?').toString('base64url')}`],
    ['in percents', 'data:text/plain,b%75lk'],
    ['before the data', `data:text/plain;name=bulk;base64,${base64(Buffer.from('nothing'))}`],
    ['before data that cannot be read', `data:image/png;name=bulk;base64,${base64(Buffer.alloc(90, 0xff))}`],
    ['in base64 alone, in lines', base64(Buffer.from('in bulk '.repeat(20))).replace(/(.{76})/g, '$1\n')],
    ['in base64 alone that is short', base64(Buffer.from('in bulk'))],
    ['in base64 alone that is short, in UTF-16', base64(Buffer.from('\ufeffbulk', 'utf16le'))],
  ])('%s', (_, file) => {
    expect(texts({ input: [{ type: 'input_file', file_data: file }] })).toEqual({
      'input[0].file_data': expect.stringContaining('bulk'),
    });
  });

  it('as a picture where a text is expected', () => {
    const text = 'data:image/png;base64,/export/the/bulk/of/all/patients/';
    expect(texts({ input: text })).toEqual({ input: expect.stringContaining(text) });
  });

  it('a tool behind another name', () => {
    const tools = [{ type: 'function', name: 'wipe', function: { name: 'harmless' } }];
    expect(readRequest(responses, encode(JSON.stringify({ model: 'm', tools }))).tools).toEqual([
      'wipe',
      'harmless',
    ]);
    const untyped = [{ function: { name: 'wipe' } }];
    expect(readRequest(responses, encode(JSON.stringify({ tools: untyped }))).tools).toEqual(['wipe']);
  });

  it.each([['/conversations'], ['/conversations/conv_0123456789abcdef/items']])(
    'a tool in what is stored with POST %s',
    (path) => {
      const tools = [{ type: 'function', name: 'send_email' }];
      const items = [
        { type: 'additional_tools', tools },
        { type: 'mcp_list_tools', server_label: 'x', tools: [{ name: 'seen' }] },
      ];
      expect(read({ items }, readTarget('POST', path)).tools).toEqual(['send_email']);
    },
  );

  it('a tool in as many namespaces as a body may have; with one more it is refused', () => {
    const nested = (levels: number): object =>
      levels === 0
        ? { type: 'function', name: 'send_email' }
        : { type: 'namespace', name: 'n', tools: [nested(levels - 1)] };
    // Each is a list and an object, and the body is one.
    expect(read({ tools: [nested(30)] }).tools).toEqual(['n', 'send_email']);
    expect(() => read({ tools: [nested(31)] })).toThrow('nested too deep');
  });
});

describe('a request body that is not accepted', () => {
  const place = (body: string | Uint8Array) => {
    try {
      readRequest(responses, typeof body === 'string' ? encode(body) : body);
    } catch (error) {
      if (error instanceof RequestError) return error.place;
      throw error;
    }
    return 'accepted';
  };

  it.each([
    ['no JSON', '{"a":'],
    ['nothing', ''],
    ['a byte order mark', '\uFEFF{}'],
    ['no object', '[]'],
    ['null', 'null'],
    ['a string', '"x"'],
    ['bad UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['an overlong sequence', new Uint8Array([0x22, 0xc0, 0x80, 0x22])],
    ['too deep', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['too many values', `{"a":[${'1,'.repeat(1_000_001)}1]}`],
    ['a key twice', '{"model":"a","input":"safe","input":"other"}'],
    ['a key twice, once escaped', '{"input":"safe","\\u0069nput":"other"}'],
    ['a key twice deep inside', '{"input":[{"a":1,"b":"\\\\\\"","a":2}]}'],
  ])('%s', (_what, body) => {
    expect(place(body)).toBe('');
  });

  it.each([
    ['model', { model: 1 }],
    ['stream', { stream: 'true' }],
    ['previous_response_id', { previous_response_id: {} }],
    ['conversation', { conversation: [], x: 1 }],
    ['conversation.id', { conversation: { id: 1 } }],
  ])('%s of a wrong type', (where, body) => {
    expect(place(JSON.stringify(body))).toMatch(where.split('.')[0] as string);
  });

  it.each(['Model', 'MODEL', 'Input', 'prompT', 'Stream', '\uff4dodel', '\u017ftream'])(
    '%s, which some servers take for what is written in small letters',
    (name) => {
      const known = name.normalize('NFKC').toLowerCase();
      expect(place(JSON.stringify({ model: 'm', input: 'x', [name]: 'y' }))).toBe(known);
      expect(place(JSON.stringify({ input: 'x', metadata: { [name]: 'y' } }))).toBe('accepted');
    },
  );

  it('says nothing of its content', () => {
    expect(() => readRequest(responses, encode('{"secret":'))).toThrow(
      /^The body is not accepted: not JSON\.$/,
    );
  });

  it('may be large and full of quotes', () => {
    const body = JSON.stringify({ input: '\\"'.repeat(500_000) });
    expect(processorMs(() => expect(place(body)).toBe('accepted'))).toBeLessThan(2_000);
  });
});
