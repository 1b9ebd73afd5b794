import { toFile } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { ErasureResult, RetentionService } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { answerText, callTool } from '../env/answers.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv } from '../env/env.ts';
import { sendJson } from '../env/provider.ts';
import { raised } from '../env/reading.ts';
import { realtimeCall, realtimeResponse, speakRealtime } from '../env/realtime.ts';
import { deliveredText, promptText, recordOf, sessionRecords } from '../env/record.ts';
import { connectTo, type SocketEvent, takeSockets } from '../env/sockets.ts';

const policy = (name: string, rest: string) => `
apiVersion: sworn/v1
kind: Policy
name: ${name}
spec:
  groups: [${name}]
  rules: [{ name: ordinary, allow: {} }]
${rest}
`;
const POLICIES = [
  policy(
    'clinicians',
    '  opaque: { allow: [audio] }\n  tokenize: { restore: true }\n  mask: { entities: { CITY: none } }',
  ),
  policy('research', '  tokenize: { entities: [PERSON, MRN] }'),
  policy('held', '  tokenize: { restore: true }').replace(
    'allow: {}',
    'requireApproval: { reviewers: [privacy-office] }',
  ),
];

// Invented: nobody's data.
const NOTE = 'Patient: Maria Okafor, MRN 00482913, SSN 078-05-1120. Mrs. Maria Okafor is well.';
const VALUES = /Okafor|00482913|078-05|0780/;
const TOKEN = /\[[A-Z_]+_[a-z]{8}\]/g;
const TOKEN_OF = /\[PERSON_[a-z]{8}\]/;
const LENGTHS = [1, 3, 11, 200];

let env: Env;
beforeAll(async () => {
  env = await startEnv({ policies: POLICIES });
});
afterAll(() => env.close());
beforeEach(() => {
  env.provider.seen.length = 0;
});

/** The provider says something of the tokens that the request has, each once. */
function say(render: (tokens: readonly string[]) => string, pieceLength = 3): void {
  env.provider.behave((request, response) => {
    const tokens = [...new Set(request.body.match(TOKEN) ?? [])];
    return answerText(render(tokens), pieceLength)(request, response);
  });
}

const headers = (session: string) => ({ headers: { 'x-sworn-session': session } });
const sentBody = () => env.provider.seen.at(-1)?.body ?? '';

/** What the record says: tokens alone in what was sent and delivered; the values are sealed beside it. */
function expectTokensOnly(record: Exchange): void {
  expect(deliveredText(record)).not.toMatch(VALUES);
  expect(Buffer.from(record.prompt?.sent ?? []).toString()).toBe(sentBody());
  expect(sentBody()).not.toMatch(VALUES);
}

describe('tokens', () => {
  test('stand in the request, and their values in the answer, whole', async () => {
    say(([person, mrn]) => `Dear ${person}, ${mrn} "${person}" in Graz. Dr. Max Muster`);
    const body = { model: 'gpt-test', input: NOTE, user: 'Maria Okafor' };
    const answer = await env.openai().responses.create(body, headers('whole'));
    expect(answer.output_text).toMatch(
      /^Dear Maria Okafor, 00482913 "Maria Okafor" in Graz\. Dr\. \[PERSON\]$/,
    );
    expect(JSON.parse(sentBody()).input).toMatch(
      /^Patient: (\[PERSON_[a-z]{8}\]), MRN \[MRN_[a-z]{8}\], SSN \[US_SSN_[a-z]{8}\]\. Mrs\. \1 is well\.$/,
    );
    const record = await recordOf(env, String(answer._request_id));
    expectTokensOnly(record);
    expect(JSON.parse(promptText(record))).toEqual(body);
    expect(record).toMatchObject({
      tokenized: { PERSON: 1, MRN: 1, US_SSN: 1 },
      restored: { PERSON: 2, MRN: 1 },
      responseFindings: { PERSON: 1 },
    });
    expect(record.prompt?.tokens.map(({ value }) => value)).toContain('Maria Okafor');
  });

  test('are restored in streams, whatever the pieces, and by whole events alike', async () => {
    for (const length of LENGTHS) {
      say(([person, mrn]) => `For ${person}: ${mrn}. [PERSON_ and ${person}`, length);
      const wanted = 'For Maria Okafor: 00482913. [PERSON_ and Maria Okafor';
      const stream = env.openai().responses.stream({ model: 'gpt-test', input: NOTE }, headers('stream'));
      let deltas = '';
      const numbers: number[] = [];
      for await (const event of stream) {
        numbers.push(event.sequence_number);
        if (event.type === 'response.output_text.delta') deltas += event.delta;
        if (event.type === 'response.output_text.done') expect(event.text).toBe(wanted);
      }
      expect([deltas, (await stream.finalResponse()).output_text]).toEqual([wanted, wanted]);
      expect(numbers).toEqual(numbers.map((_, index) => index));

      const chat = await env
        .openai()
        .chat.completions.create(
          { model: 'gpt-test', messages: [{ role: 'user', content: NOTE }], stream: true },
          headers('stream'),
        );
      let said = '';
      for await (const chunk of chat) said += chunk.choices[0]?.delta.content ?? '';
      expect(said).toBe(wanted);
    }
    const { exchanges } = await env.api(AuditService, 'auditor').listExchanges({});
    for (const { name } of exchanges.slice(0, 2)) {
      expect(deliveredText(await recordOf(env, name.replace('exchanges/', '')))).not.toMatch(VALUES);
    }
  });

  test('are restored in the arguments of a tool, as valid JSON, and its output gets them again', async () => {
    const named = 'Patient: Robert "Bob" Muster';
    env.provider.behave(callTool(TOKEN_OF, 3));
    const stream = await env
      .openai()
      .chat.completions.create(
        { model: 'gpt-test', messages: [{ role: 'user', content: `${named}, MRN 00482913` }], stream: true },
        headers('tool'),
      );
    let args = '';
    for await (const chunk of stream)
      args += chunk.choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? '';
    const { note, inner } = JSON.parse(args);
    expect(note).toMatch(/^Bob|Robert/);
    expect(JSON.parse(inner)).toEqual({ deep: note });

    say(() => 'done');
    await env.openai().chat.completions.create(
      {
        model: 'gpt-test',
        messages: [
          { role: 'user', content: 'file it' },
          {
            role: 'assistant',
            tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'file', arguments: args } }],
          },
          {
            role: 'tool',
            tool_call_id: 'call_1',
            content: JSON.stringify({ patient: { name: 'Maria Okafor' }, mrn: '00482913', at: 5 }),
          },
        ],
      },
      headers('tool'),
    );
    const [, call, output] = JSON.parse(sentBody()).messages;
    expect(JSON.parse(call.tool_calls[0].function.arguments)).toEqual({
      note: expect.stringMatching(TOKEN),
      inner: expect.stringMatching(TOKEN),
    });
    expect(JSON.parse(output.content)).toEqual({
      patient: { name: expect.stringMatching(/^\[PERSON_[a-z]{8}\]$/) },
      mrn: expect.stringMatching(/^\[MRN_[a-z]{8}\]$/),
      at: 5,
    });
    expect(sentBody()).not.toMatch(/Muster|Bob|Okafor|00482913/);
  });

  test('of the session are restored without being said again, and no others', async () => {
    say(([person]) => `${person} is well`);
    const first = await env.openai().responses.create({ model: 'gpt-test', input: NOTE }, headers('history'));
    const [person = ''] = sentBody().match(TOKEN) ?? [];
    const injected = `${person.toLowerCase()} [PERSON_bcdfghjk] ${person.replace('_', '\\_')}`;
    say(() => `${person} ${injected}`);
    const again = {
      model: 'gpt-test',
      input: 'Say every name that you know.',
      previous_response_id: first.id,
    };
    const second = await env.openai().responses.create(again);
    expect(second.output_text).toBe(`Maria Okafor ${injected}`);
    // A value that nothing says the kind of any more.
    await env.openai().responses.create({ ...again, input: 'And chart 00482913?' });
    expect(JSON.parse(sentBody()).input).toMatch(/^And chart \[MRN_[a-z]{8}\]\?$/);
    // Another session of the same caller, and the same name of a session of another.
    for (const [user, session] of [
      ['clinician', 'other'],
      ['second', 'history'],
    ] as const) {
      const other = env.openai(user, { groups: ['clinicians'] });
      const { output_text } = await other.responses.create(
        { model: 'gpt-test', input: 'Who?' },
        headers(session),
      );
      expect(output_text).not.toContain('Okafor');
    }
  });

  test('stay where policy does not restore, and what it does not name goes as it is', async () => {
    say((tokens) => tokens.join(' '), 5);
    const client = env.openai('guest', { groups: ['research'] });
    const answer = await client.responses.create({ model: 'gpt-test', input: NOTE }, headers('research'));
    expect(answer.output_text).toMatch(/^\[PERSON_[a-z]{8}\] \[MRN_[a-z]{8}\]$/);
    expect(sentBody()).toContain('078-05-1120');
    const record = await recordOf(env, String(answer._request_id));
    expect(record).toMatchObject({ tokenized: { PERSON: 1, MRN: 1 }, restored: {} });
    // Of two policies that replace an entity both have to restore it.
    const both = env.openai('guest', { groups: ['research', 'clinicians'] });
    const mixed = await both.responses.create({ model: 'gpt-test', input: NOTE }, headers('both'));
    expect(mixed.output_text).toMatch(/^\[PERSON_[a-z]{8}\] \[MRN_[a-z]{8}\] 078-05-1120$/);
  });

  test('stand in the fields of a form', async () => {
    env.provider.behave((request, response) =>
      sendJson(response, 200, { text: `Dear ${TOKEN_OF.exec(request.body)?.[0]}` }),
    );
    const file = await toFile(Buffer.from('ID3\0\0\0'), 'a.mp3');
    const ask = { model: 'gpt-transcribe', prompt: 'Patient: Maria Okafor, MRN 00482913', file };
    const { data, request_id: id } = await env
      .openai()
      .audio.transcriptions.create(ask, headers('form'))
      .withResponse();
    expect(data.text).toBe('Dear Maria Okafor');
    const record = await recordOf(env, String(id));
    expectTokensOnly(record);
    expect(promptText(record)).toContain('Maria Okafor');
    expect(record).toMatchObject({
      tokenized: { PERSON: 1, MRN: 1, PHOTO_REFERENCE: 1 },
      restored: { PERSON: 1 },
    });
  });

  test('go over WebSocket too', async () => {
    takeSockets(env.provider, async (end) => {
      const asked = await end.next();
      const [person = ''] = JSON.stringify(asked).match(TOKEN) ?? [];
      expect(JSON.stringify(asked)).not.toMatch(VALUES);
      const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
      const type = 'response.output_text.delta';
      const text = `Dear ${person}!`;
      const events: SocketEvent[] = [
        { type: 'response.created', response: { id: 'resp_1', status: 'in_progress', output: [] } },
        ...Array.from(text, (delta) => ({ type, ...place, delta })),
        { type: 'response.output_text.done', ...place, text },
        { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [] } },
      ];
      for (const [index, event] of events.entries()) end.send({ ...event, sequence_number: index });
    });
    const caller = await connectTo(env, '/responses');
    caller.send({ type: 'response.create', model: 'gpt-test', input: NOTE });
    let deltas = '';
    for (;;) {
      const event = await caller.next();
      if (event.type === 'response.output_text.delta') deltas += event['delta'];
      if (event.type === 'response.output_text.done') expect(event['text']).toBe('Dear Maria Okafor!');
      if (event.type === 'response.completed') break;
    }
    expect(deltas).toBe('Dear Maria Okafor!');
    caller.socket.close();
  });

  test('stand in what is said on a realtime connection, and values in what comes', async () => {
    const wanted = 'Dear Maria Okafor, chart 00482913. [PERSON_';
    const { heard } = speakRealtime(env.provider, '', (event, end) => {
      if (event.type !== 'response.create') return false;
      const [person = '', mrn = ''] = JSON.stringify(heard).match(TOKEN) ?? [];
      for (const said of realtimeResponse(`Dear ${person}, chart ${mrn}. [PERSON_`)) {
        if (said.type === 'response.done') for (const call of realtimeCall({ of: person })) end.send(call);
        end.send(said);
      }
      return true;
    });
    const caller = await connectTo(env, '/realtime?model=gpt-realtime', headers('spoken'));
    await caller.next();
    const ask = (event: SocketEvent) => {
      caller.send(event);
      return caller.next();
    };
    const add = (item: object) => ask({ type: 'conversation.item.create', item });
    const message = { type: 'message', role: 'user' };
    const output = JSON.stringify({ patient: { name: 'Maria Okafor' }, at: 5 });
    // What the provider repeats of it is the caller's own again.
    expect(await ask({ type: 'session.update', session: { instructions: NOTE } })).toMatchObject({
      session: { instructions: NOTE },
    });
    const asked = { ...message, content: [{ type: 'input_text', text: 'And chart 00482913?' }] };
    expect(await add(asked)).toMatchObject({ item: asked });
    const called = { type: 'function_call_output', call_id: 'call_1', output };
    expect(await add(called)).toMatchObject({ item: called });
    caller.send({ type: 'response.create', response: { instructions: NOTE, input: [asked] } });

    const said: SocketEvent[] = [];
    while (said.at(-1)?.type !== 'response.done') said.push(await caller.next());
    const deltas = (type: string) =>
      said.flatMap((event) => (event.type === `${type}.delta` ? [event['delta']] : [])).join('');
    expect(deltas('response.output_text')).toBe(wanted);
    expect(said.filter((event) => JSON.stringify(event).includes(wanted))).toHaveLength(4);
    expect(deltas('response.function_call_arguments')).toBe('{"of":"Maria Okafor"}');
    expect(said.find(({ type }) => type === 'response.function_call_arguments.done')).toMatchObject({
      arguments: '{"of":"Maria Okafor"}',
    });
    caller.socket.close();

    expect(JSON.stringify(heard)).not.toMatch(VALUES);
    expect(heard[1]).toMatchObject({
      item: { content: [{ text: expect.stringMatching(/^And chart \[MRN_[a-z]{8}\]\?$/) }] },
    });
    expect(heard[2]).toMatchObject({
      item: { output: expect.stringMatching(/^{"patient":{"name":"\[PERSON_[a-z]{8}\]"},"at":5}$/) },
    });
    const records = await sessionRecords(env, 'spoken', 5);
    for (const record of records) expect(deliveredText(record)).not.toMatch(VALUES);
    expect(records.map(({ prompt }) => Buffer.from(prompt?.sent ?? []).toString())).toEqual([
      '',
      ...heard.map((event) => JSON.stringify(event)),
    ]);
    expect(records.map(({ tokenized }) => tokenized)).toEqual([
      {},
      { PERSON: 1, MRN: 1, US_SSN: 1 },
      { MRN: 1 },
      { PERSON: 1 },
      { PERSON: 1, MRN: 1, US_SSN: 1 },
    ]);
    expect(records.at(-1)?.restored).toEqual({ PERSON: 2, MRN: 1 });
  });
});

test('a reviewer reads and approves what the caller wrote, and the provider gets tokens', async () => {
  say(([person]) => `${person} is well`);
  const client = env.openai('guest', { groups: ['held'] });
  const asking = client.responses.create({ model: 'gpt-test', input: NOTE }, headers('held'));
  const { name } = await pendingApproval(env, 'guest');
  const reviewer = env.api(ApprovalService, 'reviewer');
  const { approval } = await reviewer.getApproval({ name });
  expect(approval?.prompt).toMatchObject([{ place: 'input', text: NOTE }]);
  expect(env.provider.seen).toEqual([]);
  await reviewer.approveApproval({ name, reason: 'fine' });
  expect((await asking).output_text).toBe('Maria Okafor is well');
  expect(sentBody()).not.toMatch(VALUES);
});

describe('what cannot have a token is refused, and nothing of it goes upstream', () => {
  const image = (url: string) => ({
    role: 'user' as const,
    content: [{ type: 'input_image' as const, image_url: url, detail: 'auto' as const }],
  });
  test.each([
    ['an address', { input: [image('https://ehr.example/p.png')] }, 'input[0].content[0].image_url'],
    ['a key', { input: 'hi', metadata: { 'SSN 078-05-1120': 'x' } }, 'metadata'],
    [
      'a text in base64',
      { input: [image(`data:text/plain;base64,${btoa(NOTE)}`)] },
      'input[0].content[0].image_url',
    ],
    ['a picture', { input: [image(`data:image/png;base64,${'iVBORw0KGgo'.repeat(9)}A`)] }, undefined],
  ])('%s', async (_, body, param) => {
    say(() => 'no');
    const error = await raised(env.openai().responses.create({ model: 'gpt-test', ...body }));
    expect(error).toMatchObject({ status: 403, code: 'policy_denied', ...(param && { param }) });
    expect(error.message).not.toMatch(/078-05/);
    expect(env.provider.seen).toEqual([]);
  });

  test('an id, on a realtime connection', async () => {
    const { heard } = speakRealtime(env.provider, 'no');
    const caller = await connectTo(env, '/realtime?model=gpt-realtime');
    await caller.next();
    caller.send({ type: 'conversation.item.delete', item_id: 'MRN 00482913' });
    expect(await caller.next()).toMatchObject({ error: { code: 'policy_denied', param: 'item_id' } });
    caller.socket.close();
    expect(heard).toEqual([]);
  });
});

test('an erasure takes the map with the prompt, and planes forget it at once', async () => {
  say(([person]) => `${person}`);
  await env.openai().responses.create({ model: 'gpt-test', input: NOTE }, headers('kept'));
  const answer = await env.openai().responses.create({ model: 'gpt-test', input: NOTE }, headers('erased'));
  const name = `exchanges/${answer._request_id}`;
  const before = await recordOf(env, String(answer._request_id));
  expect(before.prompt?.tokens).toHaveLength(3);
  const scope = { case: 'exchange' as const, value: name };
  const request = { scope, authority: 'Privacy Office', reason: 'asked for' };
  for await (const { result } of env.api(RetentionService, 'admin').eraseExchanges(request))
    expect(result).toBe(ErasureResult.ERASED);
  const { exchange } = await env.api(AuditService, 'auditor').getExchange({ name });
  expect(exchange?.prompt).toBeUndefined();
  expect(exchange?.tokenized).toEqual({ PERSON: 1, MRN: 1, US_SSN: 1 });

  const [kept = '', erased = ''] = env.provider.seen.slice(-2).map(({ body }) => TOKEN_OF.exec(body)?.[0]);
  say(() => `${erased} ${kept}`);
  const ask = async (session: string) =>
    (await env.openai().responses.create({ model: 'gpt-test', input: 'Who?' }, headers(session))).output_text;
  await expect.poll(() => ask('erased'), { interval: 20 }).toBe(`${erased} ${kept}`);
  expect(await ask('kept')).toBe(`${erased} Maria Okafor`);
});
