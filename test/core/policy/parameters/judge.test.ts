import { describe, expect, test } from 'vitest';
import { evaluatePolicies } from '#core/policy/evaluate.ts';
import { editRequest } from '#core/provider/openai/request/outgoing.ts';
import { readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget } from '#core/provider/openai/request/target.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { requestOf, withParameters } from '../policies.ts';

interface Sent {
  readonly path: string;
  readonly body: unknown;
  readonly changes: Record<string, string>;
}

/** What goes to the provider, or why nothing does. */
function send(said: string | string[], body: object | string, line = 'POST /responses'): Sent | string {
  const [method = '', path = ''] = line.split(' ');
  const target = readTarget(method, path);
  if (target === undefined) throw new Error('no such route');
  const bytes = new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
  const content = readRequest(target, bytes);
  const route = target.route.id;
  const request = requestOf({
    route,
    model: content.model,
    tools: content.tools,
    parameters: content.parameters,
  });
  const { decision, edits, param } = evaluatePolicies(withParameters(...[said].flat()), request);
  if (decision.action !== Action.ALLOW) return `${param} | ${decision.reason}`;
  const sent = editRequest(target.path, bytes, edits);
  return {
    path: sent.path,
    body: target.route.hasBody ? JSON.parse(new TextDecoder().decode(sent.body)) : undefined,
    changes: Object.fromEntries(decision.changes.map(({ parameter, change }) => [parameter, change])),
  };
}

const CHAT = 'POST /chat/completions';

describe('force', () => {
  test.each([
    [{ input: 'x' }, { input: 'x', store: false }],
    [{ store: true }, { store: false }],
    [{ store: null }, { store: false }],
    [{ store: 'true' }, { store: false }],
  ])('sets it, whatever %j says', (body, sent) => {
    expect(send('{ store: { force: false } }', body)).toEqual({
      path: '/responses',
      body: sent,
      changes: { store: 'set to false' },
    });
  });

  test('drops all of a list that says it more often than a call takes arguments', () => {
    const include = Array.from({ length: 200_000 }, () => 'message.output_text.logprobs');
    expect(send('{ logprobs: { force: false } }', { include })).toMatchObject({
      body: { include: [] },
      changes: { logprobs: 'dropped' },
    });
  });

  test('changes nothing where it is so already, nor on a route that knows no such parameter', () => {
    const same = { body: { store: false }, changes: {} };
    expect(send('{ store: { force: false } }', { store: false })).toMatchObject(same);
    const embedding = { model: 'e', input: 'x' };
    expect(send('{ store: { force: false } }', embedding, 'POST /embeddings')).toMatchObject({
      body: embedding,
    });
    expect(send('{ store: { force: false } }', {}, 'GET /models')).toMatchObject({ changes: {} });
  });

  test('is not got round by another spelling', () => {
    for (const key of ['Store', 'STORE', '\u017ftore']) {
      expect(send('{ store: { force: false } }', { store: false, [key]: true })).toContain(
        'another spelling',
      );
    }
  });

  test('of several policies the strict one counts; without one they contradict each other', () => {
    const both = ['{ store: { force: true } }', '{ store: { force: false } }'];
    expect(send(both, {})).toMatchObject({ body: { store: false } });
    const tiers = ['{ service_tier: { force: flex } }', '{ service_tier: { force: priority } }'];
    expect(send(tiers, {})).toBe(
      'service_tier | policy p1: the parameter service_tier is forced to different values: flex by p1, priority by p2',
    );
  });

  test('what is forced has to be allowed by the others', () => {
    expect(send(['{ store: { force: true } }', '{ store: { allow: [false] } }'], {})).toBe(
      'store | policy p2: the parameter store is true; allowed: false',
    );
    expect(
      send(['{ store: { force: false } }', '{ store: { allow: [false] } }'], { store: true }),
    ).toMatchObject({
      body: { store: false },
    });
  });

  test('takes log probabilities out of all their places', () => {
    const off = '{ logprobs: { force: false }, include: { allow: [reasoning.encrypted_content] } }';
    const include = ['message.output_text.logprobs', 'reasoning.encrypted_content'];
    expect(send(off, { top_logprobs: 3, include })).toEqual({
      path: '/responses',
      body: { include: ['reasoning.encrypted_content'] },
      changes: { logprobs: 'dropped' },
    });
    expect(send(off, { logprobs: true, top_logprobs: 2 }, CHAT)).toMatchObject({ body: {} });
    expect(send(off, { model: 'm', prompt: 'x', logprobs: 5 }, 'POST /completions')).toMatchObject({
      body: { model: 'm', prompt: 'x' },
    });
    const line = 'GET /responses/resp_1?include[]=message.output_text.logprobs';
    expect(send(off, {}, line)).toMatchObject({ path: '/responses/resp_1' });
  });
});

describe('allow and deny', () => {
  test.each([
    [
      '{ store: { allow: [false] } }',
      {},
      `the parameter store is true; allowed: false; the request does not say, and that is the provider's default: send "store": false`,
    ],
    ['{ store: { allow: [false] } }', { store: null }, `that is the provider's default: send "store": false`],
    ['{ store: { allow: [false] } }', { store: true }, 'the parameter store is true; allowed: false'],
    ['{ store: { deny: [true] } }', { store: true }, 'the parameter store is true; not allowed: true'],
    [
      '{ store: { deny: [true] } }',
      { store: 'true' },
      'the parameter store has a value that is none of its kind: write true or false',
    ],
    ['{ background: { allow: [false] } }', { background: true }, 'is true; allowed: false'],
    ["{ previous_response_id: { deny: ['*'] } }", { previous_response_id: 'resp_1' }, 'may not be used'],
    ["{ conversation: { deny: ['*'] } }", { conversation: { id: 'conv_1' } }, 'may not be used'],
    [
      '{ metadata: { allow: [ward] } }',
      { metadata: { ward: 'x', patient: 'y' } },
      'has a value that is not allowed; allowed: ward',
    ],
    ['{ metadata: { allow: [ward] } }', { metadata: 'x' }, 'none of its kind'],
    [
      '{ prompt: { allow: [pmpt_a] } }',
      { prompt: { id: 'pmpt_b' } },
      'has a value that is not allowed; allowed: pmpt_a',
    ],
    [
      '{ prompt_variables: { deny: [ssn] } }',
      { prompt: { id: 'p', variables: { ssn: 'x' } } },
      'not allowed: ssn',
    ],
    [
      '{ include: { allow: [reasoning.encrypted_content] } }',
      { include: ['file_search_call.results'] },
      'is file_search_call.results; allowed',
    ],
    ["{ model: { allow: ['gpt-5*'] } }", { model: 'o3' }, 'is o3; allowed: gpt-5*'],
    ['{ service_tier: { allow: [default] } }', { service_tier: 'priority' }, 'is priority; allowed: default'],
    ['{ n: { allow: [1] } }', { n: 3 }, 'the parameter n is 3; allowed: 1'],
    [
      '{ logprobs: { deny: [true] } }',
      { include: ['message.output_text.logprobs'] },
      'the parameter logprobs is true; not allowed: true',
    ],
  ])('%s refuses %j', (said, body, words) => {
    expect(send(said, body)).toContain(words);
  });

  test.each([
    ['{ store: { allow: [false] } }', { store: false }],
    ['{ background: { allow: [false] } }', {}],
    ["{ previous_response_id: { deny: ['*'] } }", { previous_response_id: null }],
    ['{ metadata: { allow: [ward] } }', { metadata: { ward: 'x' } }],
    ["{ model: { allow: ['gpt-5*'] } }", { model: 'gpt-5-mini' }],
    ["{ prompt: { allow: ['pmpt_*'] }, tools: { allow: [function] } }", { prompt: { id: 'pmpt_a' } }],
  ])('%s lets %j go on as it is', (said, body) => {
    expect(send(said, body)).toMatchObject({ body, changes: {} });
  });

  test('chat completions are not stored unless they ask for it', () => {
    expect(send('{ store: { allow: [false] } }', { model: 'm' }, CHAT)).toMatchObject({ changes: {} });
    expect(send('{ store: { allow: [false] } }', { store: true }, CHAT)).toContain('store is true');
  });

  test('what several policies allow has to be allowed by all', () => {
    const both = ['{ tools: { allow: [function, mcp] } }', '{ tools: { allow: [function, file_search] } }'];
    expect(send(both, { tools: [{ type: 'function', name: 'f' }] })).toMatchObject({ changes: {} });
    expect(send(both, { tools: [{ type: 'mcp' }] })).toContain('policy p2: the parameter tools is mcp');
    expect(send(both, { tools: [{ type: 'file_search' }] })).toContain('policy p1');
  });

  test.each<[string, object, string?]>([
    ['a hosted tool', { tools: [{ type: 'web_search_preview' }] }],
    ['a tool of a type that came later', { tools: [{ type: 'teleport' }] }],
    ['a tool without a type', { tools: [{ name: 'f' }] }],
    ['no list of tools', { tools: { type: 'mcp' } }],
    ['in a namespace', { tools: [{ type: 'namespace', name: 'x', tools: [{ type: 'mcp' }] }] }],
    ['in an input item', { input: [{ type: 'additional_tools', tools: [{ type: 'mcp' }] }] }],
    [
      'in an item of a conversation',
      { items: [{ type: 'additional_tools', tools: [{ type: 'mcp' }] }] },
      'POST /conversations',
    ],
    ['sources of data', { data_sources: [{ type: 'function' }] }, CHAT],
    ['sources of data that are no list', { data_sources: { type: 'azure_search' } }, CHAT],
    ['the search of chat completions', { web_search_options: {} }, CHAT],
    ['a prompt of the provider, which may bring tools', { prompt: { id: 'pmpt_a' } }],
    ['another spelling', { Tools: [{ type: 'mcp' }] }],
  ])('a list of tools refuses %s', (_what, body, line) => {
    expect(send('{ tools: { allow: [function, custom] } }', body, line)).toContain('the parameter');
  });

  test('a list of tools lets functions pass wherever they stand, and the tools that a server was seen to have', () => {
    const body = {
      tools: [{ type: 'namespace', name: 'x', tools: [{ type: 'function', name: 'f' }] }],
      input: [{ type: 'mcp_list_tools', server_label: 'x', tools: [{ name: 'y', input_schema: {} }] }],
    };
    expect(send('{ tools: { allow: [function] } }', body)).toMatchObject({ body });
  });
});

test('what has the name of a parameter on another route is none', () => {
  const said =
    "{ prompt: { deny: ['*'] }, prompt_variables: { deny: ['*'] }, background: { allow: [false] }, tools: { allow: [function] } }";
  const text = { model: 'm', prompt: 'Once upon a time' };
  expect(send(said, text, 'POST /completions')).toMatchObject({ body: text, changes: {} });
  expect(send(said, { ...text, prompt: ['a', 'b'] }, 'POST /completions')).toMatchObject({ changes: {} });
  expect(send(said, { ...text, background: 'transparent' }, 'POST /completions')).toMatchObject({
    changes: {},
  });
  expect(send(said, { ...text, background: true }, 'POST /completions')).toContain('background is true');
  expect(send(said, { ...text, prompt: { id: 'pmpt_a' } }, CHAT)).toContain('may not be used');
  expect(send(said, { prompt: 'pmpt_a' })).toContain('may not be used');
});

describe('drop', () => {
  test.each([
    [
      "{ metadata: { drop: ['*'] } }",
      { metadata: { a: 'x', b: 'y' } },
      { metadata: {} },
      'dropped (2 values)',
    ],
    [
      '{ metadata: { drop: [patient*] } }',
      { metadata: { patient_name: 'x', b: 'y' } },
      { metadata: { b: 'y' } },
      'dropped',
    ],
    ["{ user: { drop: ['*'] } }", { user: 'x', model: 'm' }, { model: 'm' }, 'dropped'],
    ['{ include: { drop: [a.b] } }', { include: ['a.b', 'c.d'] }, { include: ['c.d'] }, 'dropped'],
  ])('%s', (said, body, sent, note) => {
    expect(send(said, body)).toMatchObject({ body: sent, changes: { [Object.keys(body)[0] ?? '']: note } });
  });

  test('of several policies all count, and what is left is compared', () => {
    const both = ['{ metadata: { drop: [a] } }', '{ metadata: { drop: [b], allow: [c] } }'];
    expect(send(both, { metadata: { a: 1, b: 2, c: 3 } })).toMatchObject({ body: { metadata: { c: 3 } } });
    expect(send(both, { metadata: { d: 4 } })).toContain('policy p2');
  });
});

describe('max', () => {
  const cap = '{ max_output_tokens: { max: 100 } }';

  test.each([
    [{ max_output_tokens: 5000 }, { max_output_tokens: 100 }, 'POST /responses'],
    [{}, { max_output_tokens: 100 }, 'POST /responses'],
    [{ max_output_tokens: null }, { max_output_tokens: 100 }, 'POST /responses'],
    [{}, { max_completion_tokens: 100 }, CHAT],
    [{ max_tokens: 101 }, { max_tokens: 100 }, CHAT],
    [{ max_tokens: 7, max_completion_tokens: 1e308 }, { max_tokens: 7, max_completion_tokens: 100 }, CHAT],
  ])('%j becomes %j', (body, sent, line) => {
    expect(send(cap, body, line)).toMatchObject({
      body: sent,
      changes: { max_output_tokens: 'set to 100' },
    });
  });

  test('lets less pass as it is, and takes nothing for a number that is none', () => {
    expect(send(cap, { max_output_tokens: 100 })).toMatchObject({ changes: {} });
    for (const value of ['100000', 0, -1, 1.5, true, [5000]]) {
      expect(send(cap, { max_output_tokens: value })).toContain(
        'none of its kind: write a whole number from 1',
      );
    }
  });

  test('of several the smallest counts, also of long numbers', () => {
    const sent = send(
      [cap, '{ max_output_tokens: { max: 50 } }'],
      '{"max_output_tokens":123456789012345678901234567890}',
    );
    expect(sent).toMatchObject({ body: { max_output_tokens: 50 } });
  });
});

describe('what a policy cannot say', () => {
  test.each([
    ['{ stor: { force: false } }', 'unknown parameter; did you mean store?'],
    ['{ store: {} }', 'needs one of allow, deny, force'],
    ['{ store: { force: "no" } }', 'store is true or false'],
    ['{ store: { allow: [] } }', 'an empty list says nothing'],
    ['{ store: { max: 3 } }', 'store has no max; there are allow, deny, force'],
    ['{ tools: { drop: [mcp] } }', 'tools has no drop; there are allow, deny'],
    ['{ logprobs: { force: true } }', 'logprobs can only be forced to false'],
    ['{ max_output_tokens: { max: 0 } }', 'greater than or equal to 1'],
    ['{ max_output_tokens: { max: 1.5 } }', 'must be a whole number'],
    ['{ max_output_tokens: { force: .inf } }', 'is a number'],
    ['{ service_tier: { force: 5 } }', 'is a text: put it in quotes'],
    [`{ user: { deny: [${'a'.repeat(257)}] } }`, 'has more than 256 characters'],
    ['{ store: { forced: false } }', 'unknown field; there are allow, deny, force, drop, max'],
  ])('%s', (said, message) => {
    expect(() => withParameters(said)).toThrow(message);
  });
});
