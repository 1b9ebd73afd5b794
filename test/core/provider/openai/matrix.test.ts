import { describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { ROUTES, type Route } from '#core/provider/openai/catalogue.ts';
import { readRealtimeMessage } from '#core/provider/openai/realtime/realtime-message.ts';
import { readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import { ANSWERS } from '#core/provider/openai/routes/texts.ts';
import { REDACTED } from '#core/provider/openai/secrets.ts';
import { createMessageMasker } from '#core/provider/openai/stream/messages.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { stringsOf, valueAt } from './places.ts';

// Published as an example, and never issued.
const NUMBER = '078-05-1120';
const CANARY = `SSN ${NUMBER}`;
const MASK = '[US_SSN]';
const HALVES = ['SSN 078-0', '5-1120'];

const detector = createDetector();
const masker = () => createMasker(detector, MASK_ALL);
const targetOf = ({ method, path, transport }: Route, query = '') =>
  readTarget(
    method,
    path.replace('{model}', 'gpt-4o').replace(/\{\w+\}/g, 'id_0123456789abcdef') + query,
    transport,
  ) as Target;
/** What a batch must name. */
const REQUIRED = { endpoint: '/v1/responses' };
const FORM_TYPE = 'multipart/form-data; boundary=limit';
/** Reads a request, or a message on a connection, that has this. */
const read = (route: Route, place: string) => {
  if (route.form !== undefined) return readRequest(targetOf(route), formAt(place, CANARY), FORM_TYPE);
  const content = valueAt(place, CANARY) as object;
  if (route.id !== 'realtime.connect')
    return readRequest(targetOf(route), encode({ ...REQUIRED, ...content }));
  const message = encode({ ...content, type: 'response.create' });
  return readRealtimeMessage(targetOf(route), message).content;
};
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('every place of text in a request is read', () => {
  const cases = ROUTES.flatMap((route) => route.texts.map((place) => [route.id, place, route] as const));

  test.each(cases)('%s: %s', (_id, place, route) => {
    const { texts } = read(route, place);
    const found = texts.flatMap(({ text }) => detector.scan(text));
    // What the model says of the field's name is another matter.
    expect(found.filter(({ entity }) => entity === 'US_SSN').length).toBe(1);
  });

  const params = ROUTES.flatMap((route) =>
    Array.from(route.path.matchAll(/\{(\w+)\}/g), ([hole, name]) => [route.id, name, hole, route] as const),
  );
  test.each(params)('%s: the path, %s', (_id, name, hole, route) => {
    const path = route.path.replace(hole, NUMBER).replace(/\{\w+\}/g, 'id_0123456789abcdef');
    const target = readTarget(route.method, path) as Target;
    const body = route.hasBody ? encode(REQUIRED) : new Uint8Array();
    const { texts } =
      route.form === 'always'
        ? readRequest(target, formAt('empty', ''), FORM_TYPE)
        : readRequest(target, body);
    expect(texts.filter(({ place }) => place !== 'endpoint' && place !== 'empty')).toEqual([
      { place: `path.${name}`, text: NUMBER },
    ]);
  });

  const queries = ROUTES.flatMap((route) =>
    Object.entries(route.query)
      .filter(([, form]) => form === 'map' || form === 'id' || form === 'model' || form === 'text')
      .map(([name, form]): [string, string, string, Route] =>
        form === 'map'
          ? [route.id, `${name}[ssn]`, `ssn: ${NUMBER}`, route]
          : [route.id, name, NUMBER, route],
      ),
  );
  test.each(queries)('%s: the query, %s', (_id, name, text, route) => {
    const target = targetOf(route, `?${encodeURIComponent(name)}=${NUMBER}`);
    const { texts } = readRequest(target, new Uint8Array());
    expect(texts.map((read) => read.text)).toEqual([text]);
  });
});

describe('every place of text in an answer is masked', () => {
  const cases = ROUTES.flatMap((route) =>
    ANSWERS[route.answer].texts.map((place) => [route.id, place, route] as const),
  );

  test.each(cases)('%s: %s', (_id, place, route) => {
    const { body, counts } = maskResponse(route, encode(valueAt(place, CANARY)), masker());
    expect(decode(body)).toContain(standIn(place));
    expect(decode(body)).not.toContain(NUMBER);
    expect(counts).toEqual(countsAt(place));
  });

  test.each(ROUTES.map((route) => [route.id, route] as const))('%s: the words of an error', (_id, route) => {
    const { body } = maskResponse(route, encode({ error: { message: CANARY, param: CANARY } }), masker());
    expect(JSON.parse(decode(body)).error.message).toBe(`SSN ${MASK}`);
    expect(decode(body)).not.toContain(NUMBER);
  });
});

describe('every place of text in a stream is masked', () => {
  const cases = ROUTES.filter(({ streams }) => streams === 'body' || streams === 'query').flatMap((route) =>
    ANSWERS[route.answer].texts.flatMap((place) =>
      eventsAbout(route, place).map(([what, events]) => [route.id, place, what, events, route] as const),
    ),
  );

  test.each(cases)('%s: %s, %s', (_id, place, _what, events, route) => {
    expectMasked(route, events, place);
  });

  const AT = {
    item_id: 'msg_0123456789abcdef',
    output_index: 0,
    content_index: 0,
    summary_index: 0,
    command_index: 0,
  };
  const STEMS = (
    'output_text refusal reasoning_text reasoning_summary_text function_call_arguments mcp_call_arguments ' +
    'custom_tool_call_input code_interpreter_call_code shell_call_command shell_call_output_content audio.transcript ' +
    'something_new'
  ).split(' ');
  const streaming = ROUTES.filter(({ answer, streams }) => answer === 'response' && streams !== 'never');
  const deltas = streaming.flatMap((route) => STEMS.map((stem) => [route.id, stem, route] as const));

  test.each(deltas)('%s: response.%s.delta', (_id, stem, route) => {
    const events = HALVES.map((delta) => ({ type: `response.${stem}.delta`, ...AT, delta }));
    expectMasked(route, [
      ...events,
      { type: `response.${stem}.done`, ...AT },
      { type: 'response.completed' },
    ]);
  });
});

/** A form with a text at a place: a field, the content of a file, or its name. */
function formAt(place: string, text: string): Uint8Array {
  const [, name, isName] = /^(.*?)(\.filename)?$/.exec(place) ?? [];
  const filename = isName ? text : 'a.txt';
  const isFile = isName || name === 'file' || name === 'data';
  const head = `content-disposition: form-data; name="${name}"${isFile ? `; filename="${filename}"` : ''}`;
  return Buffer.from(`--limit\r\n${head}\r\n\r\n${isName ? 'x' : text}\r\n--limit--\r\n`);
}
describe('every place of text in an event of a connection is masked', () => {
  const places = ANSWERS['realtime events'].texts;
  const types = [
    'session.updated',
    'conversation.item.added',
    'response.output_item.done',
    'response.done',
    'new',
  ];
  const cases = types.flatMap((type) => places.map((place) => [type, place] as const));

  test.each(cases)('%s: %s', (type, place) => {
    const messages = createMessageMasker('realtime', masker());
    const out = messages.push(JSON.stringify({ ...(valueAt(place, CANARY) as object), type })).join('');
    expect(out).toContain(MASK);
    expect(out).not.toContain(NUMBER);
    expect(messages.counts).toEqual({ US_SSN: 1 });
  });
});

/** What a stream of the route says with a text at a place of the whole answer. */
function eventsAbout(route: Route, place: string): [what: string, events: readonly object[]][] {
  if (route.answer === 'transcript') {
    const deltas = HALVES.map((delta) => ({ type: 'transcript.text.delta', delta }));
    const segments = ['SSN 078 05', '1120'].map((text) => ({ type: 'transcript.text.segment', text }));
    const end = { type: 'transcript.text.done' };
    return [
      ['deltas', [...deltas, end]],
      ['the end', [{ ...end, ...(valueAt(place, CANARY) as object) }]],
      ['an unknown event', [{ type: 'transcript.new', note: CANARY }, end]],
      ['a speaker', [{ type: 'transcript.text.segment', text: '', speaker: CANARY }, end]],
      ['segments', [...segments, end]],
    ];
  }
  if (route.answer === 'images') {
    const end = { type: 'image_generation.completed' };
    return [['the end', [{ ...end, ...(valueAt(place, CANARY) as object) }]]];
  }
  if (route.answer === 'response') {
    const response = valueAt(place, CANARY);
    const end = { type: 'response.completed', response: { status: 'completed' } };
    const item = place.startsWith('output[].') ? valueAt(place.slice('output[].'.length), CANARY) : undefined;
    return [
      ['response.created', [{ type: 'response.created', response }, end]],
      ['response.completed', [{ type: 'response.completed', response }]],
      ['an unknown event', [{ type: 'response.something.new', response }, end]],
      ...(item === undefined
        ? []
        : (['added', 'done'] as const).map((phase): [string, object[]] => [
            `output_item.${phase}`,
            [{ type: `response.output_item.${phase}`, output_index: 0, item }, end],
          ])),
    ];
  }
  const chunkPlace = place.replace('choices[].message', 'choices[].delta');
  const whole = valueAt(chunkPlace, CANARY) as object;
  // What comes whole, however long the stream is.
  if (!place.startsWith('choices[]') || /\.(?:name|title|url)$/.test(place)) return [['one chunk', [whole]]];
  return [
    ['one chunk', [whole]],
    ['two chunks', HALVES.map((half) => valueAt(chunkPlace, half) as object)],
  ];
}

/** What an answer repeats of the credentials of tools is taken out, whatever it is. */
function isCredential(place: string): boolean {
  return /(?:^|\.)tools\[\]\.(?:authorization|headers\.name)$/.test(place);
}

function standIn(place: string): string {
  return isCredential(place) ? REDACTED : MASK;
}

function countsAt(place: string): object {
  return isCredential(place) ? {} : { US_SSN: 1 };
}

function expectMasked(route: Route, events: readonly object[], place = ''): void {
  const stream = createStreamMasker(route, masker());
  const data = [...events.map((event) => JSON.stringify(event)), '[DONE]'];
  const out = data.map((text) => decode(stream.push(new TextEncoder().encode(`data: ${text}\n\n`)))).join('');
  const came = out + decode(stream.end());
  const texts = new Map<string, string>();
  for (const [, json = ''] of came.matchAll(/^data: (\{.*\})$/gm)) {
    for (const [place, text] of stringsOf(JSON.parse(json)))
      texts.set(place, (texts.get(place) ?? '') + text);
  }
  const all = [...texts.values()].join('\n');
  expect(all).toContain(standIn(place));
  expect(all).not.toContain(NUMBER);
  expect(stream.counts).toEqual(countsAt(place));
  expect(stream.complete).toBe(true);
}
