import type { Refusal } from './route.ts';

const MINTS_KEYS =
  'It hands out a key, or opens a media connection, with which a client talks to the provider past Sworn.';
const OTHER_DATA = 'It works on stored content of its own that nothing here reads or masks';
const FILES = 'Stored files are not inspected yet';

/**
 * What the API has and Sworn does not serve. Whatever is neither here nor among the routes is refused as well: here stands
 * what there is a reason to tell.
 */
export const REFUSALS: readonly Refusal[] = [
  { path: '/realtime/client_secrets', kind: 'refused', reason: MINTS_KEYS },
  { path: '/realtime/sessions', kind: 'refused', reason: MINTS_KEYS },
  { path: '/realtime/transcription_sessions', kind: 'refused', reason: MINTS_KEYS },
  { path: '/realtime/translations', kind: 'refused', reason: MINTS_KEYS },
  { path: '/realtime/calls', kind: 'refused', reason: MINTS_KEYS },
  { path: '/assistants', kind: 'refused', reason: `${OTHER_DATA}; use the Responses API.` },
  { path: '/threads', kind: 'refused', reason: `${OTHER_DATA}; use the Responses API.` },
  { path: '/evals', kind: 'refused', reason: `${OTHER_DATA}: data sets, and runs of models over them.` },
  {
    path: '/fine_tuning',
    kind: 'refused',
    reason: 'It teaches a model from files, and what a model has learnt stays.',
  },
  {
    path: '/models',
    method: 'DELETE',
    kind: 'refused',
    reason: 'It deletes a model that was fine-tuned, which is administration and not use.',
  },
  { path: '/chatkit', kind: 'refused', reason: MINTS_KEYS },
  {
    path: '/videos',
    kind: 'refused',
    reason: 'Video cannot be read, neither what is sent nor what comes back.',
  },
  {
    path: '/organization',
    kind: 'refused',
    reason: "It administers the provider's account, keys included.",
  },
  { path: '/projects', kind: 'refused', reason: "It administers the provider's account, keys included." },
  { path: '/files', kind: 'not yet', reason: `${FILES}.` },
  { path: '/uploads', kind: 'not yet', reason: `${FILES}.` },
  { path: '/vector_stores', kind: 'not yet', reason: `${FILES}.` },
  { path: '/containers', kind: 'not yet', reason: `${FILES}.` },
  { path: '/batches', kind: 'not yet', reason: `${FILES}, and the requests of a batch stand in one.` },
  { path: '/audio', kind: 'not yet', reason: 'Sound is not inspected yet.' },
  {
    path: '/images',
    kind: 'not yet',
    reason: 'Pictures, and the forms in which they are sent, are not inspected yet.',
  },
  { path: '/realtime', kind: 'not yet', reason: 'WebSocket is not inspected yet.' },
  {
    path: '/responses',
    method: 'GET',
    alone: true,
    kind: 'not yet',
    reason: 'Responses over WebSocket are not inspected yet; use POST.',
  },
  {
    path: '/traces',
    kind: 'refused',
    reason: 'Traces are taken in and not given out; auditors read them in the record.',
  },
];
