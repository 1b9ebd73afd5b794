import type { Route } from './route.ts';

const NO_BODY = { hasBody: false, texts: [] } as const;
const PLAIN = { query: {}, streams: 'never' } as const;

/** Batches run the requests of a file that files.create has read. */
export const BATCHES: readonly Route[] = [
  {
    id: 'batches.create',
    method: 'POST',
    path: '/batches',
    hasBody: true,
    requests: 'endpoint',
    ...PLAIN,
    texts: ['metadata.name'],
    answer: 'batch',
    storage: 'always',
  },
  {
    id: 'batches.list',
    method: 'GET',
    path: '/batches',
    ...NO_BODY,
    query: { after: 'id', limit: 'count' },
    answer: 'list of batches',
    streams: 'never',
    storage: 'reads',
  },
  {
    id: 'batches.retrieve',
    method: 'GET',
    path: '/batches/{batch_id}',
    ...NO_BODY,
    ...PLAIN,
    answer: 'batch',
    storage: 'reads',
  },
  {
    id: 'batches.cancel',
    method: 'POST',
    path: '/batches/{batch_id}/cancel',
    ...NO_BODY,
    ...PLAIN,
    answer: 'batch',
    storage: 'changes',
  },
];
