import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { completionEvents, responseEvents, sendEvents, wholeCompletion, wholeResponse } from './answers.ts';
import { type Behaviour, sendJson } from './provider.ts';

/** A vector of which the base64 is as long as those of real ones. */
export const VECTOR = Array.from({ length: 64 }, (_, index) => index / 64);

/** Answers every route of the catalogue as the API would, with this text wherever such an answer has some. */
export function answerEveryRoute(text: string): Behaviour {
  return ({ method, path, body }, response) => {
    const [bare = '', query = ''] = path.split('?');
    const route = findRoute(method, bare);
    if (route === undefined) {
      sendJson(response, 404, { error: { message: `no such route: ${text}` } });
    } else if (query.includes('stream=true') || (body !== '' && JSON.parse(body).stream === true)) {
      sendEvents(response, eventsOf(route, text));
    } else {
      sendJson(response, 200, answerOf(route, text));
    }
  };
}

function eventsOf({ answer }: Route, text: string): string[] {
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
  }
}
