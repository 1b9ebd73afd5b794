import { PAGES, type Route } from './route.ts';
import { RESPONSE_REQUEST } from './texts.ts';

const NO_BODY = { hasBody: false, texts: [] } as const;
/** The `client.beta` of the SDKs has a mark on its paths, and is the same otherwise. */
const BETA = { beta: 'boolean' } as const;

export const RESPONSES: readonly Route[] = [
  {
    id: 'responses.create',
    method: 'POST',
    path: '/responses',
    hasBody: true,
    query: BETA,
    texts: RESPONSE_REQUEST,
    answer: 'response',
    streams: 'body',
    storage: 'by default',
  },
  {
    id: 'responses.retrieve',
    method: 'GET',
    path: '/responses/{response_id}',
    ...NO_BODY,
    query: {
      include: 'includes',
      include_obfuscation: 'boolean',
      starting_after: 'number',
      stream: 'boolean',
      ...BETA,
    },
    answer: 'response',
    streams: 'query',
    storage: 'reads',
  },
  {
    id: 'responses.delete',
    method: 'DELETE',
    path: '/responses/{response_id}',
    ...NO_BODY,
    query: BETA,
    answer: 'deletion',
    streams: 'never',
    storage: 'deletes',
  },
  {
    id: 'responses.cancel',
    method: 'POST',
    path: '/responses/{response_id}/cancel',
    ...NO_BODY,
    query: BETA,
    answer: 'response',
    streams: 'never',
    storage: 'changes',
  },
  {
    id: 'responses.input_items.list',
    method: 'GET',
    path: '/responses/{response_id}/input_items',
    ...NO_BODY,
    query: { ...PAGES, ...BETA, include: 'includes' },
    answer: 'list of items',
    streams: 'never',
    storage: 'reads',
  },
  {
    id: 'responses.compact',
    method: 'POST',
    path: '/responses/compact',
    hasBody: true,
    query: BETA,
    texts: RESPONSE_REQUEST,
    answer: 'compaction',
    streams: 'never',
    storage: 'nothing',
  },
  {
    id: 'responses.input_tokens',
    method: 'POST',
    path: '/responses/input_tokens',
    hasBody: true,
    query: BETA,
    texts: RESPONSE_REQUEST,
    answer: 'token count',
    streams: 'never',
    storage: 'nothing',
  },
];
