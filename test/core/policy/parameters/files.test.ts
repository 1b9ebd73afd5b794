import { describe, expect, test } from 'vitest';
import { evaluatePolicies } from '#core/policy/evaluate.ts';
import { formatForm } from '#core/provider/openai/form/format.ts';
import { readStored } from '#core/provider/openai/parameters/read-stored.ts';
import { readRealtimeMessage } from '#core/provider/openai/realtime/realtime-message.ts';
import { readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget } from '#core/provider/openai/request/target.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { processorMs } from '../../../env/processor-time.ts';
import { parametersOf, requestOf, withParameters } from '../policies.ts';

const FILE = 'file-0123456789abcdef';
const STORE = 'vs_0123456789abcdef';
const AUDIO = 'audio_0123456789abcdef01234567';
const CONTAINER = 'cntr_0123456789abcdef';

/** What policies with these parameters say to a body: `allowed`, or the reason. */
function judge(said: string[], body: object, path = '/responses'): string {
  const compiled = withParameters(...said);
  const parameters = parametersOf(body, 'POST', path);
  const route = path === '/responses' ? 'responses.create' : 'batches.create';
  const { decision, param } = evaluatePolicies(compiled, requestOf({ route, parameters }));
  return decision.action === Action.ALLOW ? 'allowed' : `${param} | ${decision.policy} | ${decision.reason}`;
}

const content = (part: object) => ({ input: [{ role: 'user', content: [part] }] });

describe('places that name what is kept', () => {
  test.each<[string, object, string[]]>([
    ['a file', content({ type: 'input_file', file_id: FILE }), [FILE]],
    ['a picture', content({ type: 'input_image', file_id: FILE }), [FILE]],
    ['a file in a chat', { messages: [{ content: [{ type: 'file', file: { file_id: FILE } }] }] }, [FILE]],
    ['a search', { tools: [{ type: 'file_search', vector_store_ids: [STORE, FILE] }] }, [STORE, FILE]],
    ['a container', { tools: [{ type: 'code_interpreter', container: CONTAINER }] }, [CONTAINER]],
    ['its files', { tools: [{ container: { type: 'auto', file_ids: [FILE] } }] }, [FILE]],
    ['a shell', { tools: [{ type: 'shell', environment: { container_id: CONTAINER } }] }, [CONTAINER]],
    [
      'a call sent back',
      { input: [{ type: 'code_interpreter_call', container_id: CONTAINER }] },
      [CONTAINER],
    ],
    ['a screenshot', { input: [{ output: { type: 'computer_screenshot', file_id: FILE } }] }, [FILE]],
    ["a tool's output", { input: [{ output: [{ type: 'input_file', file_id: FILE }] }] }, [FILE]],
    ['a variable', { prompt: { variables: { x: { type: 'input_file', file_id: FILE } } } }, [FILE]],
    ['a batch', { input_file_id: FILE }, [FILE]],
    ['files of a store', { files: [{ file_id: FILE }, { file_id: STORE }] }, [FILE, STORE]],
    ['a mask of a picture', { mask: { file_id: FILE } }, [FILE]],
    ['another spelling', content({ type: 'input_file', File_ID: FILE }), [FILE]],
    ['what was said', { messages: [{ role: 'assistant', audio: { id: AUDIO } }] }, [AUDIO]],
    [
      'what was said, in another spelling',
      { messages: [{ role: 'assistant', Audio: { ID: AUDIO } }] },
      [AUDIO],
    ],
    ['one within a list in a list', { input: [[{ file_id: FILE }]] }, [FILE]],
    ['fields of a form', { 'file_ids[]': FILE, 'mask[file_id]': STORE }, [FILE, STORE]],
    ['a new member that ends so', { input: [{ source: { skill_file_id: FILE } }] }, [FILE]],
  ])('%s', (_what, body, ids) => {
    expect(readStored(body as Record<string, unknown>)).toEqual(ids);
  });

  test.each<[string, object]>([
    ['a text', { input: `file_id ${FILE}` }],
    ['keys of the caller', { metadata: { file_id: FILE }, attributes: { file_id: FILE } }],
    ['a variable that is a text', { prompt: { variables: { container: 'vial' } } }],
    ['a citation', content({ type: 'output_text', annotations: [{ file_id: FILE }] })],
    ['what a search found', { input: [{ type: 'file_search_call', results: [{ file_id: FILE }] }] }],
    [
      'a parameter of a function',
      { tools: [{ parameters: { properties: { file_id: { type: 'string' } } } }] },
    ],
    ['a container that is made', { tools: [{ container: { type: 'auto' } }] }],
  ])('not %s', (_what, body) => {
    expect(readStored(body as Record<string, unknown>)).toEqual([]);
  });

  test.each<[string, string]>([
    ['pairs of brackets', `${'[]'.repeat(200_000)}x`],
    ['brackets that open', '['.repeat(400_000)],
    ['brackets that open, and one that closes', `${'['.repeat(400_000)}]`],
  ])('a key of %s stalls nobody', (_what, key) => {
    const ms = processorMs(() => expect(readStored({ [key]: FILE, file_id: STORE })).toEqual([STORE]));
    expect(ms).toBeLessThan(2_000);
  });

  test('an item of a Realtime conversation', () => {
    const target = readTarget('GET', '/realtime?model=gpt-realtime', 'websocket');
    const item = { type: 'message', role: 'user', content: [{ type: 'input_file', file_id: FILE }] };
    const event = new TextEncoder().encode(JSON.stringify({ type: 'conversation.item.create', item }));
    if (target === undefined) throw new Error('no such route');
    const { content: read } = readRealtimeMessage(target, event);
    expect(read.parameters.get('files')?.values).toEqual([FILE]);
    expect(read.parameters.get('model')?.values).toEqual([]);
  });
});

describe('what policy says of them', () => {
  const body = { tools: [{ type: 'file_search', vector_store_ids: [STORE] }] };
  const unlisted =
    'files |  | the parameter files names what is kept at the provider, which any caller may have put there; a policy may list it under files.allow';

  test('no policy that says nothing lets one through, nor one that denies some', () => {
    expect(judge(['{ store: { force: false } }'], body)).toBe(unlisted);
    expect(judge(['{ files: { deny: ["file-*"] } }'], body)).toBe(unlisted);
    expect(
      judge(['{ store: { force: false } }'], { input_file_id: FILE, endpoint: '/v1/responses' }, '/batches'),
    ).toBe(unlisted);
    expect(judge(['{ store: { force: false } }'], { input: 'hello' })).toBe('allowed');
  });

  test('one that lists it does, unless another one does not', () => {
    expect(judge([`{ files: { allow: [${STORE}] } }`, '{ n: { max: 1 } }'], body)).toBe('allowed');
    expect(judge(['{ files: { allow: ["*"] } }', '{ files: { deny: ["vs_*"] } }'], body)).toBe(
      'files | policies/p2 | policy p2: the parameter files has a value that is not allowed; not allowed: vs_*',
    );
    expect(judge(['{ files: { allow: [vs_other] } }'], body)).toContain('allowed: vs_other');
  });

  test('kept items count as what a response goes on from', () => {
    const none = '{ previous_response_id: { deny: ["*"] } }';
    const item = { type: 'item_reference', id: 'rs_0123456789abcdef' };
    expect(judge([none], { input: [item] })).toBe(
      'previous_response_id | policies/p1 | policy p1: the parameter previous_response_id may not be used',
    );
    expect(judge([none], { input: [{ id: item.id }] })).toContain('may not be used');
    expect(judge([none], { input: [{ type: null, id: 3 }] })).toContain('none of its kind');
    expect(judge([none], { input: [{ role: 'assistant', id: 'msg_1', content: 'x' }] })).toBe('allowed');
  });
});

test('all values of a list in a form count', () => {
  const target = readTarget('POST', '/files');
  if (target === undefined) throw new Error('no such route');
  const parts = ['file-a', 'file-b'].map((id) => ({
    name: 'file_ids[]',
    filename: undefined,
    type: '',
    bytes: new TextEncoder().encode(id),
  }));
  const { body, contentType } = formatForm(parts);
  expect(readRequest(target, body, contentType).parameters.get('files')?.values).toEqual([
    'file-a',
    'file-b',
  ]);
});
