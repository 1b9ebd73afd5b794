import type { Route } from './route.ts';

/** What the Agents SDKs export beside their calls. In no specification of the API: read from the SDKs. */
export const TRACES: readonly Route[] = [
  {
    id: 'traces.ingest',
    method: 'POST',
    path: '/traces/ingest',
    hasBody: true,
    query: {},
    texts: [
      'data[].workflow_name',
      'data[].group_id',
      'data[].metadata.name',
      'data[].span_data.name',
      'data[].span_data.input',
      'data[].span_data.input[].content',
      'data[].span_data.output',
      'data[].span_data.output[].content',
      'data[].span_data.data.name',
      'data[].error.message',
      'data[].error.data.name',
    ],
    answer: 'acceptance',
    streams: 'never',
    storage: 'nothing',
    headers: { 'openai-beta': 'traces=v1' },
  },
];
