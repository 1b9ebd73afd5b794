import { describe, expect, it } from 'vitest';
import {
  findRefusal,
  findRoute,
  matchRoute,
  mustBeNamed,
  REFUSALS,
  ROUTES,
} from '#core/provider/openai/catalogue.ts';
import { ANSWERS } from '#core/provider/openai/routes/texts.ts';

const filled = (path: string) =>
  path.replace('{model}', 'ft:gpt-4o.1:a::b').replaceAll(/\{\w+\}/g, 'some-id_1');

describe('findRoute', () => {
  it.each(ROUTES)('finds $id with and without /v1', (route) => {
    const path = filled(route.path);
    expect(findRoute(route.method, path, route.transport)).toBe(route);
    expect(findRoute(route.method, `/v1${path}`, route.transport)).toBe(route);
  });

  it.each(ROUTES)('finds $id by its own transport only', (route) => {
    const other = route.transport === undefined ? 'websocket' : undefined;
    expect(findRoute(route.method, filled(route.path), other)?.id).not.toBe(route.id);
  });

  it.each([
    ['GET', '/v1/responses/'],
    ['GET', '/v1//responses'],
    ['GET', '/v1/Responses'],
    ['GET', '/v1/%72esponses'],
    ['GET', '/v1/responses/resp_1'],
    ['GET', '/v1/realtime/calls'],
    ['GET', '/v1/chat/completions'],
    ['POST', '/v1/realtime'],
  ])('refuses an upgrade of %s %s', (method, path) => {
    expect(findRoute(method, path, 'websocket')).toBeUndefined();
  });

  it('has each id and each line once', () => {
    expect(new Set(ROUTES.map(({ id }) => id)).size).toBe(ROUTES.length);
    expect(new Set(ROUTES.map(({ method, path }) => `${method} ${path}`)).size).toBe(ROUTES.length);
  });

  it('tells what a path is about', () => {
    expect(matchRoute('GET', '/v1/conversations/conv_1/items/msg_2')?.params).toEqual({
      conversation_id: 'conv_1',
      item_id: 'msg_2',
    });
  });

  const longest = 'a'.repeat(128);
  it('takes ids of up to 128 characters', () => {
    expect(findRoute('GET', `/responses/${longest}`)?.id).toBe('responses.retrieve');
    expect(findRoute('GET', `/responses/${longest}a`)).toBeUndefined();
  });

  it.each([
    ['GET', '/v1/responses'],
    ['POST', '/v1/models'],
    ['post', '/v1/responses'],
    ['POST', '/v1/responses/'],
    ['POST', '/v1//responses'],
    ['POST', '//v1/responses'],
    ['POST', '/v1/v1/responses'],
    ['POST', '/V1/responses'],
    ['POST', '/v1/Responses'],
    ['POST', '/v1/%72esponses'],
    ['POST', '/v1/./responses'],
    ['POST', '/v1/models/../responses'],
    ['POST', '/v1/responses?x=1'],
    ['POST', '/v1/responses#x'],
    ['POST', '/v1'],
    ['POST', ''],
    ['POST', '__proto__'],
    ['GET', '/v1/responses/'],
    ['GET', '/v1/responses//'],
    ['GET', '/v1/responses/..'],
    ['GET', '/v1/responses/.'],
    ['GET', '/v1/responses/%2e%2e'],
    ['GET', '/v1/responses/a%2Fb'],
    ['GET', '/v1/responses/a/b'],
    ['GET', '/v1/responses/a%00'],
    ['GET', '/v1/responses/a\n'],
    ['GET', '/v1/responses/a;b'],
    ['GET', '/v1/responses/a\\b'],
    ['GET', '/v1/responses/ä'],
    ['GET', '/v1/responses/{response_id}'],
    ['GET', '/v1/responses/compact'],
    ['DELETE', '/v1/responses/input_tokens'],
    ['GET', '/v1/responses/a/cancel'],
    ['POST', '/v1/responses/a'],
    ['PUT', '/v1/responses/a'],
    ['HEAD', '/v1/responses/a'],
    ['GET', '/v1/models/..'],
    ['GET', '/v1/models/.gpt'],
    ['GET', '/v1/models/ft:gpt%2Fx'],
    ['DELETE', '/v1/models/gpt-4o'],
    ['GET', '/v1/conversations'],
    ['GET', '/v1/conversations/a/items/b/c'],
  ])('refuses %s %s', (method, path) => {
    expect(findRoute(method, path)).toBeUndefined();
  });
});

describe('findRefusal', () => {
  it.each(REFUSALS)('says why $path is not served, and nothing of it is', (refusal) => {
    const method = refusal.method ?? 'POST';
    expect(findRefusal(method, refusal.path)).toBe(refusal);
    expect(findRefusal(method, `/v1${refusal.path}`)).toBe(refusal);
    expect(findRoute(method, refusal.path)).toBeUndefined();
    if (!refusal.alone) expect(findRefusal(method, `${refusal.path}/a/b`)).toBe(refusal);
    expect(refusal.reason).toMatch(/^[A-Z].*\.$/);
  });

  it.each([
    ['POST', '/responses'],
    ['GET', '/responses/a/b'],
    ['GET', '/filesystem'],
    ['POST', '/graphs'],
  ])('says nothing of %s %s', (method, path) => {
    expect(findRefusal(method, path)).toBeUndefined();
  });
});

it('the routes of what the provider keeps have to be named by policies', () => {
  const free = ROUTES.filter((route) => !mustBeNamed(route)).map(({ id }) => id);
  expect(free).toEqual([
    'responses.create',
    'responses.connect',
    'responses.compact',
    'responses.input_tokens',
    'chat.completions.create',
    'completions.create',
    'embeddings.create',
    'moderations.create',
    'models.list',
    'models.retrieve',
    'audio.transcriptions.create',
    'audio.translations.create',
    'audio.speech.create',
    'images.generate',
    'images.edit',
    'images.create_variation',
    'realtime.connect',
    'traces.ingest',
  ]);
});

it('what takes forms, or answers with content of any kind, lets opaque content through by policy only', () => {
  const whole = ROUTES.filter(({ form, answer }) => form !== undefined || ANSWERS[answer].bare === 'any');
  expect(whole.filter(({ opaque }) => opaque !== 'by policy').map(({ id }) => id)).toEqual([]);
});
