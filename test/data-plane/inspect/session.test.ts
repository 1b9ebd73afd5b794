import { create } from '@bufbuild/protobuf';
import { beforeEach, describe, expect, test } from 'vitest';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget } from '#core/provider/openai/request/target.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { SessionCertainty, SessionSource } from '#proto/sworn/audit/v1/record_pb.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { SESSION_HEADER, SessionFinder } from '../../../data-plane/inspect/session.ts';
import { createTestMasker } from '../../core/provider/openai/masker.ts';
import { completionEvents } from '../../env/answers.ts';

const { CERTAIN, INFERRED, UNSPECIFIED } = SessionCertainty;
const { CALL_ID, CONVERSATION, HEADER, ITEM_ID, NEW, PREFIX, PREVIOUS_RESPONSE } = SessionSource;
const masker = createTestMasker();
const KEY = new Uint8Array(32).fill(7);
const ana = create(CallerSchema, { issuer: 'https://idp.example', subject: 'ana' });
const ben = create(CallerSchema, { issuer: 'https://idp.example', subject: 'ben' });

let finder: SessionFinder;
beforeEach(() => {
  finder = new SessionFinder();
});

function request(path: string, body: object) {
  const target = readTarget('POST', path);
  if (target === undefined) throw new Error('no such route');
  return { target, content: readRequest(target, Buffer.from(JSON.stringify(body))) };
}

/** Asks, and is answered unless there is no answer; what the plane made of it. */
function ask(body: object, answer?: object, { path = '/responses', caller = ana, headers = {} } = {}) {
  const { target, content } = request(path, body);
  const place = finder.find(caller, headers, content, KEY);
  const ties =
    answer === undefined
      ? []
      : finder.remember(place, maskResponse(target.route, Buffer.from(JSON.stringify(answer)), masker).facts);
  return { ...place, ties: place.ties, given: ties };
}

const RESPONSE = 'resp_0123456789abcdef0123456789abcdef';
const CALL = 'call_0123456789abcdef01234567';
const MESSAGE = 'msg_0123456789abcdef0123456789abcdef';
const message = (id: string, text: string) => ({
  type: 'message',
  id,
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [] }],
});
const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'look', arguments: '{}' });
const output = (id: string) => ({ type: 'function_call_output', call_id: id, output: 'seen' });

describe('what puts an exchange into a session', () => {
  test.each([
    ['previous_response_id', { previous_response_id: RESPONSE }, PREVIOUS_RESPONSE],
    ['the id of a call', { input: [call(CALL), output(CALL)] }, CALL_ID],
    ['the id of an item', { input: [message(MESSAGE, 'other words')] }, ITEM_ID],
  ])('%s of an answer seen here is certain', (_, body, source) => {
    const first = ask({ input: 'hello' }, { id: RESPONSE, output: [message(MESSAGE, 'Yes.'), call(CALL)] });
    const next = ask(body);
    expect(next).toMatchObject({ name: first.name, source, certainty: CERTAIN, ties: [] });
    // Nobody else can write into the session.
    expect(ask(body, undefined, { caller: ben }).name).not.toBe(first.name);
  });

  test('what refers twice to what nobody here has seen is one session, and the answer itself is meant once it is seen', () => {
    const begun = ask({ previous_response_id: RESPONSE });
    expect(begun).toMatchObject({ source: NEW, ties: [{}] });
    expect(ask({ previous_response_id: RESPONSE })).toMatchObject({ name: begun.name, certainty: CERTAIN });
    expect(ask({ previous_response_id: RESPONSE }, undefined, { caller: ben }).name).not.toBe(begun.name);
    const first = ask({ input: 'hello' }, { id: RESPONSE, output: [] });
    expect(ask({ previous_response_id: RESPONSE }).name).toBe(first.name);
  });

  test('the header goes before all else, and needs no ties', () => {
    const headers = { [SESSION_HEADER]: 'visit-4711' };
    ask({ input: 'hello' }, { id: RESPONSE, output: [] });
    const named = ask({ previous_response_id: RESPONSE }, undefined, { headers });
    expect(named).toMatchObject({ source: HEADER, certainty: CERTAIN, ties: [] });
    expect(named.name).toMatch(/^sessions\/visit-4711-[0-9a-f]{8}$/);
  });

  test('a conversation is one session on every plane', () => {
    const body = { conversation: 'conv_0123456789abcdef' };
    const here = ask(body);
    finder = new SessionFinder();
    expect(here).toMatchObject({ source: CONVERSATION, certainty: CERTAIN });
    expect(ask(body).name).toBe(here.name);
  });

  test('ids that anybody could make are only likely', () => {
    const first = ask({ input: 'hello' }, { id: 'r1', output: [call('call_1')] });
    const next = ask({ input: [output('call_1')] });
    expect(next).toMatchObject({ name: first.name, source: CALL_ID, certainty: INFERRED });
    expect(next.ties).toEqual([]);
  });

  test('and tell none when two sessions have them', () => {
    const firsts = ['one', 'two'].map((input) => ask({ input }, { id: input, output: [call('call_1')] }));
    const next = ask({ input: [output('call_1')] });
    expect(next.source).toBe(NEW);
    expect(firsts.map(({ name }) => name)).not.toContain(next.name);
  });

  test('an answer that is named is meant, even where its provider gives out a name twice', () => {
    ask({ input: 'one' }, { id: 'r1', output: [] });
    const last = ask({ input: 'two' }, { id: 'r1', output: [] });
    const next = ask({ previous_response_id: 'r1' });
    expect(next).toMatchObject({ name: last.name, source: PREVIOUS_RESPONSE, certainty: INFERRED });
  });

  test('what is only likely does not stand against an id that another plane may know', () => {
    ask({ input: 'hello' }, { id: 'r1', output: [call('call_1')] });
    const next = ask({ previous_response_id: RESPONSE, input: [output('call_1')] });
    expect(next).toMatchObject({ source: NEW, certainty: UNSPECIFIED });
    expect(next.ties.map(({ source, certainty }) => [source, certainty])).toEqual([
      [PREVIOUS_RESPONSE, CERTAIN],
    ]);
  });
});

describe('a conversation that is sent again and again', () => {
  const chat = { path: '/chat/completions' };
  const user = (content: unknown) => ({ role: 'user', content });
  const assistant = (content: unknown) => ({ role: 'assistant', content });
  const answered = (content: string) => ({
    id: 'chatcmpl-1',
    choices: [{ index: 0, message: assistant(content) }],
  });

  test('is known by its words, masked as they were delivered', () => {
    const first = ask({ messages: [user('hello')] }, answered('SSN 078-05-1120'), chat);
    const second = [user('hello'), assistant('SSN [US_SSN]'), user('and?')];
    expect(ask({ messages: second }, answered('No.'), chat)).toMatchObject({
      name: first.name,
      source: PREFIX,
      certainty: INFERRED,
    });
    const parts = [{ type: 'text', text: 'hello' }];
    const third = [user(parts), ...second.slice(1), assistant('No.'), user('Why?')];
    expect(ask({ messages: third }, undefined, chat).name).toBe(first.name);
    const other = [user('hello'), assistant('SSN none'), user('and?')];
    expect(ask({ messages: other }, undefined, chat)).toMatchObject({ source: NEW });
  });

  test('is known when it was streamed', () => {
    const { target, content } = request('/chat/completions', { messages: [user('hello')], stream: true });
    const place = finder.find(ana, {}, content, KEY);
    const stream = createStreamMasker(target.route, masker);
    for (const event of completionEvents('SSN 078-05-1120', 2)) stream.push(Buffer.from(event));
    stream.end();
    finder.remember(place, stream.facts);
    const next = ask({ messages: [user('hello'), assistant('SSN [US_SSN]'), user('and?')] }, undefined, chat);
    expect(next).toMatchObject({ name: place.name, source: PREFIX });
  });

  test('is known on the Responses API without ids', () => {
    const first = ask({ input: 'hello' }, { id: 'r1', output: [message('m1', 'Yes.')] });
    const next = ask({ input: [user('hello'), assistant('Yes.'), user('and?')] });
    expect(next).toMatchObject({ name: first.name, source: PREFIX });
  });
});

test('the record of an answer has what is random of what it gave, and nothing without a key of the deployment', () => {
  const answer = { id: RESPONSE, output: [message(MESSAGE, 'Yes.'), call(CALL)] };
  const { given } = ask({ input: 'hello' }, answer);
  expect(given.map(({ source }) => source)).toEqual([PREVIOUS_RESPONSE, CALL_ID, ITEM_ID]);
  for (const { digest } of given) expect(digest).toHaveLength(16);
  const { target, content } = request('/responses', { input: 'hello' });
  const place = finder.find(ana, {}, content);
  const { facts } = maskResponse(target.route, Buffer.from(JSON.stringify(answer)), masker);
  expect(finder.remember(place, facts)).toEqual([]);
});

test('what is remembered is bounded: the oldest is forgotten', () => {
  const small = new SessionFinder(10);
  const { content } = request('/responses', { previous_response_id: RESPONSE });
  const place = small.find(ana, {}, content, KEY);
  const facts = (responseId: string) => ({
    responseId,
    callIds: [],
    itemIds: [],
    said: '',
    model: undefined,
    usage: undefined,
    failed: false,
  });
  small.remember(place, facts(RESPONSE));
  expect(small.find(ana, {}, content, KEY).name).toBe(place.name);
  for (let index = 0; index < 10; index++) small.remember(place, facts(`resp_${index}`));
  expect(small.find(ana, {}, content, KEY).source).toBe(NEW);
});
