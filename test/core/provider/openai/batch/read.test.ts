import { describe, expect, test } from 'vitest';
import { parseForm } from '#core/provider/openai/form/parse.ts';
import { RequestError, readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import { FORM_TYPE, field, file, formOf } from '../form/form.ts';

const BODY = { model: 'gpt-a', input: 'hello' };
const line = (fields: object = {}) =>
  JSON.stringify({ custom_id: 'one', method: 'POST', url: '/v1/responses', body: BODY, ...fields });
const FILES = readTarget('POST', '/files') as Target;
const upload = (content: string | Uint8Array, purpose = 'batch') =>
  readRequest(FILES, formOf([field('purpose'), purpose], [file('file', 'b.jsonl'), content]), FORM_TYPE);
/** The file as the provider gets it. */
const sent = ({ outgoing }: ReturnType<typeof upload>) =>
  Buffer.from(parseForm(outgoing.contentType, outgoing.body).at(-1)?.bytes ?? []).toString();

test('each line is a request of its own', () => {
  const tools = [{ type: 'web_search' }];
  const second = {
    custom_id: 'SSN 078-05-1120',
    url: '/v1/embeddings',
    body: { model: 'b', input: ['x'], tools },
  };
  const request = upload(`${line()}\n\n${line(second)}\n`);
  expect(request.lines.map(({ number, route, model, tools }) => [number, route.id, model, tools])).toEqual([
    [1, 'responses.create', 'gpt-a', []],
    [3, 'embeddings.create', 'b', ['web_search']],
  ]);
  expect(request.lines[1]?.texts).toEqual([
    { place: 'file[3].custom_id', text: 'SSN 078-05-1120' },
    { place: 'file[3].body.input[0]', text: 'x' },
  ]);
  for (const { texts } of request.lines) expect(request.texts).toEqual(expect.arrayContaining([...texts]));
  expect(sent(request)).toBe(`${line()}\n\n${line(second)}\n`);
});

test('a line ends in one way only for the provider', () => {
  const marks = `a\u2028b\u2029c\u0085d`;
  const text = line({ body: { ...BODY, input: 'a\u2028b' } });
  const request = upload(`\ufeff${text}\r\n${text.replace('{', '{\r')}\r\n`);
  expect(request.lines).toHaveLength(2);
  expect(sent(request)).not.toMatch(/[\r\u2028\u2029\u0085\ufeff]/);
  expect(sent(request).split('\n')).toHaveLength(3);
  expect(request.lines[0]?.texts.at(-1)?.text).toBe('a\u2028b');
  expect(() => upload(line({ body: { ...BODY, input: marks } }))).toThrow('not text');
});

test('media in a line are told of with their place', () => {
  const image = `data:image/png;base64,${Buffer.from('\x89PNG\r\n', 'latin1').toString('base64')}`;
  const { lines } = upload(line({ body: { model: 'm', input: [{ content: [{ image_url: image }] }] } }));
  expect(lines[0]?.opaque).toMatchObject([
    { kind: 'image', place: 'file[1].body.input[0].content[0].image_url' },
  ]);
});

describe('refused, with the number of the line', () => {
  test.each([
    ['a route that is not known', line({ url: '/v1/assistants' })],
    ['a route without the version', line({ url: '/responses' })],
    ['a full address', line({ url: 'https://api.openai.com/v1/responses' })],
    ['a query', line({ url: '/v1/responses?x=1' })],
    ['another spelling', line({ url: '/v1/responses/' })],
    ['a route with a form', line({ url: '/v1/files' })],
    ['a route that changes what is stored', line({ url: '/v1/conversations' })],
    ['another method', line({ method: 'GET' })],
    ['no method', line({ method: undefined })],
    ['a stream', line({ body: { ...BODY, stream: true } })],
    ['tokens', line({ body: { ...BODY, input: [1, 2] } })],
    ['another spelling of a member', line({ body: { ...BODY, Model: 'gpt-b' } })],
    ['a model that is none', line({ body: { ...BODY, model: ['gpt-a'] } })],
    ['no body', line({ body: undefined })],
    ['a list', '[]'],
    ['another member', line({ headers: { authorization: 'x' } })],
    ['a key twice', line().replace('"method"', '"url":"/v1/assistants","method"')],
    ['no JSON', 'hello'],
    ['two requests', `${line()}${line()}`],
    ['two requests with a carriage return between', `${line()}\r${line()}`],
  ])('%s', (_what, bad) => {
    expect(() => upload(`${line()}\n${bad}\n`)).toThrow(/^Line 2 /);
  });

  test('a file that is none', () => {
    for (const content of ['', '\n\n', Buffer.from('PK\x03\x04\0')]) {
      expect(() => upload(content)).toThrow(RequestError);
    }
    const asField = formOf([field('purpose'), 'batch'], [field('file'), 'hello']);
    expect(() => readRequest(FILES, asField, FORM_TYPE)).toThrow(/^Line 1 /);
    expect(() => upload('hello', ' Batch ')).toThrow(/^Line 1 /);
  });
});

test('a batch names the route of its requests, and comes whole', () => {
  const create = (path: string, body: object) =>
    readRequest(readTarget('POST', path) as Target, Buffer.from(JSON.stringify(body)));
  const { lines } = create('/batches', { endpoint: '/v1/responses', input_file_id: 'file-0123456789ab' });
  expect(lines).toMatchObject([{ number: 0, route: { id: 'responses.create' }, model: '' }]);
  for (const endpoint of [undefined, '/v1/files', '/v1/videos', ['/v1/responses']]) {
    expect(() => create('/batches', { endpoint })).toThrow(RequestError);
  }
  expect(() => create('/uploads', { purpose: 'batch' })).toThrow(RequestError);
  expect(create('/uploads', { purpose: 'vision' }).lines).toEqual([]);
});
