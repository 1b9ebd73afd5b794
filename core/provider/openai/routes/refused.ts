import type { Refusal } from './route.ts';

const MINTS_KEYS =
  'It hands out a key, or opens a media connection, with which a client talks to the provider past Sworn.';
const OTHER_DATA = 'It works on stored content of its own that nothing here reads or masks';
const ADMINISTERS = "It administers the provider's account, keys included.";
const PROVIDER_RUNS =
  'The provider runs such agents and keeps their credentials: what they say to each other and to tools passes nothing here.';

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
    path: '/skills',
    kind: 'refused',
    reason:
      'A skill is an archive of instructions and programs that run at the provider, and nothing here reads it.',
  },
  {
    path: '/content_provenance_checks',
    kind: 'refused',
    reason: 'It sends pictures and sound, which cannot be read, to be looked at and not to be answered.',
  },
  { path: '/agents', kind: 'refused', reason: PROVIDER_RUNS },
  { path: '/vaults', kind: 'refused', reason: PROVIDER_RUNS },
  { path: '/live', kind: 'refused', reason: MINTS_KEYS },
  { path: '/decisions', kind: 'not yet', reason: 'Decisions are new in the API, and not inspected yet.' },
  { path: '/safety', kind: 'refused', reason: ADMINISTERS },
  { path: '/webhook_endpoints', kind: 'refused', reason: ADMINISTERS },
  { path: '/webhook_event_types', kind: 'refused', reason: ADMINISTERS },
  { path: '/organization', kind: 'refused', reason: ADMINISTERS },
  { path: '/projects', kind: 'refused', reason: ADMINISTERS },
  {
    path: '/audio/voices',
    kind: 'refused',
    reason: 'A voice is a biometric identifier: 45 CFR 164.514(b)(2)(i)(P).',
  },
  {
    path: '/audio/voice_consents',
    kind: 'refused',
    reason: 'A voice is a biometric identifier: 45 CFR 164.514(b)(2)(i)(P).',
  },
  { path: '/realtime', kind: 'refused', reason: 'It is a connection: ask for an upgrade to WebSocket.' },
  {
    path: '/responses',
    method: 'GET',
    alone: true,
    kind: 'refused',
    reason: 'It is a connection: ask for an upgrade to WebSocket, or use POST.',
  },
  {
    path: '/traces',
    kind: 'refused',
    reason: 'Traces are taken in and not given out; auditors read them in the record.',
  },
];
