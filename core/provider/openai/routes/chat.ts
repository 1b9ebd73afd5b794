import { PAGES, type Route } from './route.ts';
import { CHAT_REQUEST } from './texts.ts';

const NO_BODY = { hasBody: false, texts: [] } as const;

export const CHAT: readonly Route[] = [
  {
    id: 'chat.completions.create',
    method: 'POST',
    path: '/chat/completions',
    hasBody: true,
    query: {},
    texts: CHAT_REQUEST,
    answer: 'chat completion',
    streams: 'body',
    storage: 'on request',
  },
  {
    id: 'chat.completions.list',
    method: 'GET',
    path: '/chat/completions',
    ...NO_BODY,
    query: { ...PAGES, metadata: 'map', model: 'model' },
    answer: 'list of chat completions',
    streams: 'never',
    storage: 'reads',
  },
  {
    id: 'chat.completions.retrieve',
    method: 'GET',
    path: '/chat/completions/{completion_id}',
    ...NO_BODY,
    query: {},
    answer: 'chat completion',
    streams: 'never',
    storage: 'reads',
  },
  {
    id: 'chat.completions.update',
    method: 'POST',
    path: '/chat/completions/{completion_id}',
    hasBody: true,
    query: {},
    texts: ['metadata.name'],
    answer: 'chat completion',
    streams: 'never',
    storage: 'changes',
  },
  {
    id: 'chat.completions.delete',
    method: 'DELETE',
    path: '/chat/completions/{completion_id}',
    ...NO_BODY,
    query: {},
    answer: 'deletion',
    streams: 'never',
    storage: 'deletes',
  },
  {
    id: 'chat.completions.messages.list',
    method: 'GET',
    path: '/chat/completions/{completion_id}/messages',
    ...NO_BODY,
    query: PAGES,
    answer: 'list of messages',
    streams: 'never',
    storage: 'reads',
  },
];
