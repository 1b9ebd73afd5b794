import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { ANSWERS } from '#core/provider/openai/routes/texts.ts';
import { valueAt } from '../core/provider/openai/places.ts';
import { completionEvents, responseEvents, sendEvents, wholeCompletion, wholeResponse } from './answers.ts';
import { type Behaviour, sendJson } from './provider.ts';

/** A vector of which the base64 is as long as those of real ones. */
export const VECTOR = Array.from({ length: 64 }, (_, index) => index / 64);

/** The mark of an MP3 file and more bytes than base64 needs to be told from a word. */
export const SOUND = Buffer.concat([Buffer.from('ID3\u0004\0\0'), Buffer.alloc(90, 0xa5)]);
/** A picture, in base64: the mark of a PNG file, and bytes. */
export const PICTURE = Buffer.concat([
  Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
  Buffer.alloc(90, 0x5a),
]).toString('base64');

/** An object with a text at every one of the places. */
function everyText(places: readonly string[], text: string): object {
  return places.reduce<object>((all, place) => merge(all, valueAt(place, text) as object), {});
}

function merge<T>(left: T, right: T): T {
  if (Array.isArray(left) && Array.isArray(right)) return [merge(left[0], right[0])] as T;
  if (typeof left !== 'object' || left === null || typeof right !== 'object' || right === null) return right;
  const merged = { ...left } as Record<string, unknown>;
  for (const [key, value] of Object.entries(right))
    merged[key] = key in merged ? merge(merged[key], value) : value;
  return merged as T;
}

/** Answers every route of the catalogue as the API would, with this text wherever such an answer has some. */
export function answerEveryRoute(text: string): Behaviour {
  return ({ method, path, body, headers }, response) => {
    const [bare = '', query = ''] = path.split('?');
    const route = findRoute(method, bare);
    if (route === undefined) {
      sendJson(response, 404, { error: { message: `no such route: ${text}` } });
    } else if (query.includes('stream=true') || asksForStream(headers['content-type'], body)) {
      sendEvents(response, eventsOf(route, text));
    } else if (route.answer === 'content' || route.answer === 'speech') {
      const type = route.answer === 'speech' ? 'audio/mpeg' : 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, 'x-request-id': 'req_provider' });
      response.end(route.answer === 'speech' ? SOUND : text);
    } else {
      sendJson(response, 200, answerOf(route, text));
    }
  };
}

function asksForStream(contentType: string | undefined, body: string): boolean {
  if (contentType?.startsWith('multipart/')) return /name="stream"\r\n\r\ntrue\r\n/.test(body);
  if (body === '') return false;
  const { stream, stream_format } = JSON.parse(body);
  return stream === true || stream_format === 'sse';
}

/** Events of a media route. */
function mediaEvents(events: readonly { readonly type: string }[]): string[] {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

function eventsOf({ answer }: Route, text: string): string[] {
  if (answer === 'transcript') {
    const deltas = Array.from(text, (delta) => ({ type: 'transcript.text.delta', delta, logprobs: [] }));
    return mediaEvents([...deltas, { type: 'transcript.text.done', text } as { type: string }]);
  }
  if (answer === 'speech') {
    const audio = SOUND.toString('base64');
    const piece = { type: 'speech.audio.delta', audio };
    return mediaEvents([piece, piece, { type: 'speech.audio.done' }]);
  }
  if (answer === 'images') {
    const partial = { type: 'image_generation.partial_image', partial_image_index: 0, b64_json: PICTURE };
    const whole = { type: 'image_generation.completed', b64_json: PICTURE, revised_prompt: text };
    return mediaEvents([partial, whole, whole]);
  }
  if (answer === 'response') return responseEvents(text, 3);
  if (answer === 'chat completion') return completionEvents(text, 3);
  const chunks = Array.from(text, (letter, index) => ({
    id: 'cmpl_0123456789abcdef',
    object: 'text_completion',
    created: 1,
    model: 'gpt-test',
    choices: [
      { index: 0, text: letter, logprobs: null, finish_reason: index === text.length - 1 ? 'stop' : null },
    ],
  }));
  return [...chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), 'data: [DONE]\n\n'];
}

function answerOf({ answer }: Route, text: string): unknown {
  const page = (item: object) => {
    return { object: 'list', data: [item], first_id: 'x', last_id: 'x', has_more: false };
  };
  const item = wholeResponse(text).output[0] ?? {};
  const usage = { input_tokens: 11, output_tokens: 7, total_tokens: 18 };
  switch (answer) {
    case 'response events':
    case 'realtime events':
      throw new Error('no answer to a request');
    case 'response':
      return { ...wholeResponse(text), instructions: text, metadata: { note: text } };
    case 'compaction':
      return { id: 'resp_test', object: 'response.compaction', created_at: 1, output: [item], usage };
    case 'token count':
      return { object: 'response.input_tokens', input_tokens: 11 };
    case 'list of items':
      return page(item);
    case 'item':
      return item;
    case 'conversation':
      return { id: 'conv_test', object: 'conversation', created_at: 1, metadata: { note: text } };
    case 'chat completion':
      return { ...wholeCompletion(text), metadata: { note: text } };
    case 'list of chat completions':
      return page(wholeCompletion(text));
    case 'list of messages':
      return page({ id: 'msg_test', role: 'user', content: text });
    case 'completion': {
      const choice = { index: 0, text, logprobs: null, finish_reason: 'stop' };
      const tokens = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
      return {
        id: 'cmpl_test',
        object: 'text_completion',
        created: 1,
        model: 'gpt-test',
        choices: [choice],
        usage: tokens,
      };
    }
    case 'embeddings': {
      const embedding = Buffer.from(new Float32Array(VECTOR).buffer).toString('base64');
      const tokens = { prompt_tokens: 11, total_tokens: 11 };
      return {
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding }],
        model: 'gpt-test',
        usage: tokens,
      };
    }
    case 'moderation': {
      const result = {
        flagged: false,
        categories: { 'self-harm/intent': false },
        category_scores: { violence: 0.5 },
      };
      return { id: 'modr_test', model: 'gpt-test', results: [result] };
    }
    case 'model':
      return { id: 'gpt-test', object: 'model', created: 1, owned_by: text };
    case 'list of models':
      return { object: 'list', data: [{ id: 'gpt-test', object: 'model', created: 1, owned_by: text }] };
    case 'acceptance':
      return {};
    case 'deletion':
      return { id: 'resp_test', object: 'response', deleted: true };
    case 'images':
      return { created: 1, data: [{ b64_json: PICTURE, revised_prompt: text }] };
    default:
      return { id: 'file-0123456789abcdef', object: 'object', ...everyText(ANSWERS[answer].texts, text) };
  }
}
