import type { Route } from './route.ts';
import { ITEM, TOOL } from './texts.ts';

/** Text in the configuration of a session, or of one response. */
const SESSION = [
  'instructions',
  ...TOOL.map((place) => `tools[].${place}`),
  'audio.input.transcription.prompt',
  'prompt.variables.name',
  'prompt.variables.name.text',
  'tracing.workflow_name',
  'tracing.group_id',
  'tracing.metadata.name',
  'metadata.name',
];

/** Text in the events of a client. */
const REALTIME_EVENTS = [
  ...SESSION.map((place) => `session.${place}`),
  ...SESSION.map((place) => `response.${place}`),
  ...ITEM.map((place) => `response.input[].${place}`),
  ...ITEM.map((place) => `item.${place}`),
];

/** Realtime over WebSocket. WebRTC and SIP carry media past Sworn, and are refused. */
export const REALTIME: readonly Route[] = [
  {
    id: 'realtime.connect',
    method: 'GET',
    path: '/realtime',
    transport: 'websocket',
    hasBody: false,
    query: { intent: 'intent', model: 'model' },
    texts: REALTIME_EVENTS,
    answer: 'realtime events',
    streams: 'always',
    storage: 'nothing',
  },
];
