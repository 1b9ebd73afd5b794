import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import type { EntityName } from '#core/phi/entities.ts';
import type { TokenPlan } from '#core/policy/tokenize.ts';
import type { JsonEdit } from '#core/provider/openai/edit.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import { prepareRequest } from '#core/provider/openai/request/rename-model.ts';
import { readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import type { ExternalDetector } from '../../../data-plane/detector/external.ts';
import { KnownTexts } from '../../../data-plane/detector/known-texts.ts';
import type { Exchange, Received } from '../../../data-plane/exchange.ts';
import { TokenSessions } from '../../../data-plane/mask/token-sessions.ts';
import type { Parts } from '../../../data-plane/parts.ts';
import type { Trail } from '../../../data-plane/record/trail.ts';
import { requireSameTokens, tokenize } from '../../../data-plane/tokenize/tokenize.ts';
import { Inbox } from '../../../data-plane/upstream/inbox.ts';
import type { Incoming } from '../../../data-plane/websocket/caller-socket.ts';
import { gatherAudio, readInput } from '../../../data-plane/websocket/realtime-input.ts';

const KEY = new Uint8Array(32).fill(9);
const ALL: TokenPlan = { default: 'restore', entities: {} };
const detector = createDetector();
const textOf = (bytes?: Uint8Array) => Buffer.from(bytes ?? []).toString();

interface Wish {
  readonly plan?: TokenPlan | undefined;
  readonly external?: ExternalDetector;
  readonly required?: boolean;
  readonly key?: Uint8Array;
  readonly line?: string;
  readonly form?: string;
  readonly received?: Received;
  readonly edits?: readonly JsonEdit[];
}

/** A request on its way, and what became of it. */
async function run(body: unknown, wish: Wish = {}) {
  const plan = 'plan' in wish ? wish.plan : ALL;
  const { external, required = true, key = KEY, line = '/responses', form } = wish;
  const target = readTarget('POST', line) as Target;
  const bytes = Buffer.from(form ?? JSON.stringify(body ?? {}));
  const content = readRequest(target, bytes, form && 'multipart/form-data; boundary=b');
  const exchange = {
    arrival: { signal: new AbortController().signal },
    received: wish.received ?? { target, body: bytes, content },
    caller: { issuer: 'https://id.example', subject: 'ada' },
    session: { name: 'sessions/a' },
    snapshot: { detector, maskingKey: key },
    // Of what the external detector alone finds too.
    findings: { PERSON: 1 },
    verdict: { tokenize: plan, edits: wish.edits ?? [], externalRequired: required },
  } as unknown as Exchange;
  const parts = {
    tokenSessions: new TokenSessions(),
    knownTexts: new KnownTexts(),
    external,
  } as unknown as Parts;
  const trail = { known: {} } as unknown as Trail;
  const out = await tokenize(parts, exchange, trail);
  return { exchange, out, trail, sent: Buffer.from(out.tokenized?.outgoing.body ?? bytes).toString() };
}

/** An external detector that takes these words for persons. */
function finding(pattern: RegExp): ExternalDetector {
  return {
    fault: '',
    ask: async (segments, answers) => {
      for (const segment of answers.open(segments)) {
        const found = [...segment.text.matchAll(pattern)].map(({ index, 0: { length } }) => {
          const entity: EntityName = 'PERSON';
          return { entity, start: index, end: index + length, score: 0.9, rule: 'external' };
        });
        answers.add(segment, found);
      }
    },
  };
}

test('what the external detector finds is replaced too, and a token that it takes for a name stays', async () => {
  const body = { input: 'walrus says hello', metadata: { who: 'walrus' } };
  const { sent, trail } = await run(body, { external: finding(/walrus|PERSON_[a-z]+/g) });
  const [token = ''] = /\[PERSON_[a-z]{8}\]/.exec(sent) ?? [];
  expect(JSON.parse(sent)).toEqual({ input: `${token} says hello`, metadata: { who: token } });
  expect(trail.known.tokenized?.entries).toMatchObject([{ entity: 'PERSON', token, value: 'walrus' }]);
});

test('nothing goes on that the external detector has not seen, unless policy lets it', async () => {
  const external: ExternalDetector = {
    fault: 'unreachable',
    ask: () => Promise.reject(new GatewayError('detector_unavailable', 'gone')),
  };
  const body = { input: 'Patient: Maria Beispiel' };
  await expect(run(body, { external })).rejects.toMatchObject({ code: 'detector_unavailable' });
  const { sent, trail } = await run(body, { external, required: false });
  expect(sent).toMatch(/Patient: \[PERSON_/);
  expect(trail.known.externalMissing).toBe(true);
});

test('where policy wants none, nothing is done, and the bytes stay', async () => {
  const { out, exchange } = await run({ input: 'Patient: Maria Beispiel' }, { plan: undefined });
  expect(out).toBe(exchange);
  const kept = await run({ input: 'hello' }, { plan: { default: 'keep', entities: {} } });
  expect(kept.out.tokenized?.outgoing.body).toBe(kept.exchange.received.body);
  expect(kept.trail.known.tokenized).toBeUndefined();
});

test('without a key of the deployment nothing goes', async () => {
  const asking = run({ input: 'Patient: Maria Beispiel' }, { key: new Uint8Array() });
  await expect(asking).rejects.toMatchObject({ code: 'not_ready' });
});

test('sound goes on as it is, and what is written beside it is refused where it has a finding', async () => {
  const target = readTarget('GET', '/realtime?model=gpt-realtime', 'websocket') as Target;
  const event = (name: string) => ({ type: 'input_audio_buffer.append', event_id: name, audio: 'AAAA' });
  const gather = async (...names: string[]) => {
    const [first, ...rest] = names.map((name) => Buffer.from(JSON.stringify(event(name))));
    const inbox = new Inbox<Incoming>({ pause: () => {}, resume: () => {} }, { messages: 9, bytes: 1e6 });
    for (const data of rest) inbox.put({ kind: 'text', data }, 1);
    inbox.end();
    const take = (signal: AbortSignal) => inbox.take(signal);
    const socket = { take, untake: () => {}, gone: new AbortController().signal };
    const input = await gatherAudio(target, first as Buffer, socket);
    const { out } = await run(undefined, { received: input.received });
    return input.forward(out.verdict, undefined, out.tokenized?.outgoing.body).map(textOf);
  };
  expect(await gather('a', 'b')).toEqual(['a', 'b'].map((name) => JSON.stringify(event(name))));
  await expect(gather('a', 'Patient: Maria Beispiel')).rejects.toMatchObject({
    code: 'policy_denied',
    message: expect.stringContaining('is part of what goes on as it is'),
  });
});

test('what policy asks of a session stands in what goes on with tokens, and in its record', async () => {
  const target = readTarget('GET', '/realtime?model=gpt-realtime', 'websocket') as Target;
  const event = {
    type: 'session.update',
    session: { instructions: 'Patient: Maria Beispiel', tracing: 'auto' },
  };
  const { received, forward } = readInput(target, Buffer.from(JSON.stringify(event)));
  const { out, trail } = await run(undefined, { received, edits: [{ path: ['temperature'], value: 1 }] });
  const [sent = ''] = forward(out.verdict, undefined, out.tokenized?.outgoing.body).map(textOf);
  expect(JSON.parse(sent)).toEqual({
    type: 'session.update',
    session: {
      instructions: expect.stringMatching(/^Patient: \[PERSON_[a-z]{8}\]$/),
      tracing: null,
      temperature: 1,
      output_modalities: ['text'],
    },
  });
  expect(textOf(trail.known.tokenized?.sent)).toBe(sent);
});

test('a form with a finding is refused, one without goes on as it was made of its parts', async () => {
  const form = (text: string) =>
    `--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nuser_data\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="n.txt"\r\n\r\n${text}\r\n--b--\r\n`;
  const wish = { line: '/files' };
  const refused = run(undefined, { ...wish, form: form('Patient: Maria Beispiel') });
  await expect(refused).rejects.toMatchObject({
    code: 'policy_denied',
    param: expect.stringContaining('file'),
  });
  const { sent, exchange } = await run(undefined, { ...wish, form: form('hello') });
  const { outgoing } = exchange.received.content;
  expect(sent).toBe(Buffer.from(outgoing.body).toString());
  const [, boundary = ''] = /boundary=(\S+)/.exec(outgoing.contentType) ?? [];
  expect(sent).toContain(`--${boundary}\r\n`);
});

test('a form has tokens in its fields, and its file as it came, also where the provider has another name for its model', async () => {
  const field = (name: string, text: string) =>
    `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
  const file = `--b\r\ncontent-disposition: form-data; name="file"; filename="a.mp3"\r\n\r\nID3\0\0\0 sound\r\n`;
  const form = `${field('model', 'whisper')}${field('prompt', 'Patient: Maria Beispiel, MRN 00482913')}${file}--b--\r\n`;
  const { out, sent, trail } = await run(undefined, { line: '/audio/transcriptions', form });
  const wanted = /name="prompt"\r\n\r\nPatient: \[PERSON_[a-z]{8}\], MRN \[MRN_[a-z]{8}\]\r\n/;
  expect(sent).toMatch(wanted);
  expect(sent).not.toMatch(/Beispiel|00482913/);
  expect(sent).toContain('ID3\0\0\0 sound');
  expect(textOf(trail.known.tokenized?.sent)).toBe(sent);
  if (out.tokenized === undefined) throw new Error('nothing was tokenized');
  for (const [name, model] of [
    [undefined, 'whisper'],
    ['theirs', 'theirs'],
  ] as const) {
    const { body, contentType } = prepareRequest(out.received.target, out.tokenized, [], name);
    expect(textOf(body)).toMatch(wanted);
    expect(textOf(body)).toContain(`name="model"\r\n\r\n${model}\r\n`);
    expect(textOf(body).startsWith(`--${contentType.split('boundary=')[1]}\r\n`)).toBe(true);
  }
  expect(sent).toMatch(/; filename="\[PHOTO_REFERENCE_[a-z]{8}\]\.mp3"/);
  const named = await run(undefined, {
    line: '/audio/transcriptions',
    form: form.replace('"a.mp3"', '"Patient: Maria Beispiel.mp3"'),
  });
  expect(named.sent).toMatch(/; filename="[^"]*\[[A-Z_]+_[a-z]{8}\]\.mp3"/);
  expect(named.sent).not.toContain('Beispiel');
});

test('an id in the path with a finding is refused', async () => {
  const asking = run({}, { line: '/responses/078-05-1120/cancel' });
  await expect(asking).rejects.toMatchObject({ code: 'policy_denied', param: 'path.response_id' });
});

test('after a wait the same bytes have to go', async () => {
  const body = { input: 'Patient: Maria Beispiel, MRN 00482913' };
  const all = (await run(body)).out;
  expect(() => requireSameTokens(all, all)).not.toThrow();
  const { out: persons, exchange } = await run(body, {
    plan: { default: 'keep', entities: { PERSON: 'restore' } },
  });
  for (const after of [persons, exchange]) {
    expect(() => requireSameTokens(all, after)).toThrow('send it again');
  }
  expect(() => requireSameTokens(exchange, exchange)).not.toThrow();
});
