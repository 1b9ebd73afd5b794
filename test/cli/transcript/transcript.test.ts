import { expect, test } from 'vitest';
import { readDelivery } from '../../../cli/transcript/answer.ts';
import { newTurns, readPrompt } from '../../../cli/transcript/turns.ts';

const bytes = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const events = (...data: unknown[]) =>
  data.map((value) => `event: x\ndata: ${JSON.stringify(value)}\n\n`).join('');
/** The same answer in one frame, and in one frame a byte. */
const framings = (text: string) => [
  [{ data: bytes(text) }],
  [...bytes(text)].map((byte) => ({ data: Uint8Array.of(byte) })),
];

test('a Responses prompt: instructions, messages, calls and their results', () => {
  const turns = readPrompt(
    bytes({
      model: 'm',
      instructions: 'Be brief.',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'How is he?' },
            { type: 'input_image', image_url: 'x' },
          ],
        },
        { type: 'function_call', name: 'lookup', arguments: '{"mrn":"1"}', call_id: 'c' },
        { type: 'function_call_output', call_id: 'c', output: 'stable' },
      ],
    }),
  );
  expect(turns).toEqual([
    { speaker: 'system', text: 'Be brief.' },
    { speaker: 'user', text: 'How is he?\n[input_image]' },
    { speaker: 'call lookup', text: '{"mrn":"1"}' },
    { speaker: 'tool', text: 'stable' },
  ]);
  expect(newTurns(turns)).toEqual([{ speaker: 'tool', text: 'stable' }]);
});

test('a chat prompt: only what this request adds is new', () => {
  const turns = readPrompt(
    bytes({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'one' },
        { role: 'assistant', content: null, tool_calls: [{ function: { name: 'f', arguments: '{}' } }] },
        { role: 'tool', content: 'result' },
        { role: 'user', content: [{ type: 'text', text: 'two' }] },
      ],
    }),
  );
  expect(newTurns(turns)).toEqual([
    { speaker: 'tool', text: 'result' },
    { speaker: 'user', text: 'two' },
  ]);
  expect(turns[2]).toEqual({ speaker: 'call f', text: '{}' });
});

test.each([
  ['a text as input', { input: 'hello' }, [{ speaker: 'user', text: 'hello' }]],
  ['no conversation', { a: 1 }, [{ speaker: 'body', text: '{"a":1}' }]],
  ['no JSON', 'hello', [{ speaker: 'body', text: 'hello' }]],
  ['nothing', '', []],
  [
    'an item of a kind that nobody knows',
    { input: [{ type: 'new_kind', x: 1 }] },
    [{ speaker: 'new_kind', text: '{"type":"new_kind","x":1}' }],
  ],
  [
    'hostile shapes',
    { messages: [null, 3, { role: 'user', content: [null, {}] }] },
    [
      { speaker: '', text: 'null' },
      { speaker: '', text: '3' },
      { speaker: 'user', text: '[]\n[]' },
    ],
  ],
])('a prompt with %s', (_what, body, turns) => {
  expect(readPrompt(bytes(body))).toEqual(turns);
});

test.each([
  [
    'Responses text, refusal and a tool call',
    events(
      { type: 'response.created', response: {} },
      { type: 'response.output_text.delta', item_id: 'm', content_index: 0, delta: 'Hé' },
      { type: 'response.output_text.delta', item_id: 'm', content_index: 0, delta: 'llo' },
      { type: 'response.output_text.done', item_id: 'm', content_index: 0, text: 'Héllo' },
      { type: 'response.refusal.done', item_id: 'r', content_index: 0, refusal: 'No.' },
      { type: 'response.output_item.added', item: { type: 'function_call', id: 'f', name: 'lookup' } },
      { type: 'response.function_call_arguments.delta', item_id: 'f', delta: '{"a"' },
      { type: 'response.function_call_arguments.delta', item_id: 'f', delta: ':1}' },
      { type: 'response.function_call_arguments.done', item_id: 'f', arguments: '{"a":1}' },
      { type: 'response.completed', response: { output: [] } },
    ),
    [
      { speaker: 'assistant', text: 'Héllo' },
      { speaker: 'refusal', text: 'No.' },
      { speaker: 'call lookup', text: '{"a":1}' },
    ],
  ],
  [
    'chat text and a tool call, between comments',
    `: keep-alive\n\n${events(
      { choices: [{ index: 0, delta: { role: 'assistant', content: 'Hel' } }] },
      { choices: [{ index: 0, delta: { content: 'lo' } }] },
      {
        choices: [
          { index: 0, delta: { tool_calls: [{ index: 0, function: { name: 'f', arguments: '' } }] } },
        ],
      },
      { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: '{}' } }] } }] },
    )}data: [DONE]\n\n`,
    [
      { speaker: 'assistant', text: 'Hello' },
      { speaker: 'call f', text: '{}' },
    ],
  ],
  [
    'a held request that was denied',
    `: keep-alive\n\n${events({ type: 'error', error: { message: 'Denied.' } })}`,
    [{ speaker: 'error', text: 'Denied.' }],
  ],
  [
    'a failed answer',
    events({ type: 'response.failed', response: { error: { message: 'Broken.' } } }),
    [{ speaker: 'error', text: 'Broken.' }],
  ],
  [
    'an answer cut short',
    events({
      type: 'response.incomplete',
      response: { incomplete_details: { reason: 'max_output_tokens' } },
    }),
    [{ speaker: 'incomplete', text: 'max_output_tokens' }],
  ],
  [
    'a JSON answer',
    JSON.stringify({
      output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] }],
    }),
    [{ speaker: 'assistant', text: 'Hi' }],
  ],
  [
    'a JSON chat answer',
    JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'Hi', refusal: null } }] }),
    [{ speaker: 'assistant', text: 'Hi' }],
  ],
  ['a JSON error', JSON.stringify({ error: { message: 'No.' } }), [{ speaker: 'error', text: 'No.' }]],
  ['models', JSON.stringify({ data: [{ id: 'a' }, { id: 'b' }] }), [{ speaker: 'answer', text: 'a, b' }]],
  [
    'a legacy completion',
    JSON.stringify({ choices: [{ text: 'yes' }] }),
    [{ speaker: 'assistant', text: 'yes' }],
  ],
  [
    'a legacy completion in pieces',
    'data: {"choices":[{"text":"y"}]}\n\ndata: {"choices":[{"text":"es"}]}\n\ndata: [DONE]\n\n',
    [{ speaker: 'assistant', text: 'yes' }],
  ],
  [
    'a page of items',
    JSON.stringify({ data: [{ id: 'm', type: 'message', role: 'user', content: [{ text: 'hi' }] }] }),
    [{ speaker: 'user', text: 'hi' }],
  ],
  [
    'a page of completions',
    JSON.stringify({ data: [{ id: 'c', choices: [{ message: { role: 'assistant', content: 'hi' } }] }] }),
    [{ speaker: 'assistant', text: 'hi' }],
  ],
  [
    'a page of what is not known',
    '{"data":[{"id":"v","embedding":[1]}]}',
    [{ speaker: 'answer', text: '{"data":[{"id":"v","embedding":[1]}]}' }],
  ],
])('an answer: %s', (_what, text, turns) => {
  for (const frames of framings(text)) expect(readDelivery(frames)).toEqual(turns);
});

test('an answer that is no UTF-8 is said to be unreadable, and does not end the transcript', () => {
  const data = Uint8Array.of(...bytes('data: '), 0xff, ...bytes('\n\ndata: {}\n\n'));
  expect(readDelivery([{ data }]).map(({ speaker }) => speaker)).toEqual(['unreadable']);
});

test('a form: its fields, and its files by name', () => {
  const body =
    '--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n' +
    '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n' +
    '--x\r\nContent-Disposition: form-data; name="image"; filename="b.png"\r\n\r\n\0\0\r\n--x--\r\n';
  expect(readPrompt(bytes(body))).toEqual([
    { speaker: 'purpose', text: 'batch' },
    { speaker: 'file a.txt', text: 'hello' },
    { speaker: 'image b.png', text: '(data that cannot be read: other, 2 bytes)' },
  ]);
  expect(readPrompt(bytes('--x\r\nno form'))).toEqual([{ speaker: 'body', text: '--x\r\nno form' }]);
});

test('content: as it stands, or what it is', () => {
  for (const frames of framings('id,name\n1,x')) {
    expect(readDelivery(frames)).toEqual([{ speaker: 'answer', text: 'id,name\n1,x' }]);
  }
  expect(readDelivery([{ data: Uint8Array.of(0x25, 0x50, 0x44, 0x46, 0x2d, 0) }])).toEqual([
    { speaker: 'answer', text: '(data that cannot be read: pdf, 6 bytes)' },
  ]);
});
test('an export of traces: each trace with its name, and its spans within one another', () => {
  const span = (id: string, parent: string | null, data: object, start: string, error?: object) => {
    const fields = { object: 'trace.span', id, trace_id: 'trace_1', parent_id: parent, started_at: start };
    return { ...fields, span_data: data, error: error ?? null };
  };
  const data = [
    span('s3', 's1', { type: 'response', response_id: 'resp_1' }, '3'),
    span('s2', 's1', { type: 'function', name: 'look_up' }, '2', { message: 'no\nsuch' }),
    { object: 'trace', id: 'trace_1', workflow_name: 'Round', group_id: 'ward 3', metadata: { a: 1 } },
    span('s1', null, { type: 'agent', name: 'Nurse' }, '1'),
    span('s4', 'elsewhere', { type: 'custom', data: { sdk_span_type: 'turn', agent_name: 'Desk' } }, '0'),
    span('s5', 's5', { type: 'agent', name: 'its own parent' }, '0'),
    {
      object: 'trace.span',
      trace_id: 'trace_2',
      id: 's6',
      span_data: { type: 'handoff', from_agent: 'A', to_agent: 'B' },
    },
  ];
  expect(readPrompt(bytes({ data }))).toEqual([
    {
      speaker: 'traces',
      text: [
        'trace_1  workflow "Round"  group "ward 3"  metadata {"a":1}',
        '  turn Desk',
        '  agent Nurse',
        '    function look_up failed: "no\\nsuch"',
        '    response resp_1',
        'trace_2',
        '  handoff A to B',
      ].join('\n'),
    },
  ]);
});

test('spans that lie within one another without end are cut, not followed', () => {
  const data = Array.from({ length: 100_000 }, (_, index) => ({
    object: 'trace.span',
    trace_id: 't',
    id: `s${index + 1}`,
    parent_id: `s${index}`,
    span_data: { type: 'agent' },
  }));
  const [turn] = readPrompt(bytes({ data }));
  expect(turn?.text.split('\n')).toHaveLength(34);
});
