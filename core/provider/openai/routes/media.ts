import type { Route } from './route.ts';

const STATELESS = {
  method: 'POST',
  hasBody: true,
  query: {},
  opaque: 'by policy',
  storage: 'nothing',
} as const;

/** Sound and pictures: what is sent or comes back cannot be read, the words beside it can. */
export const MEDIA: readonly Route[] = [
  {
    id: 'audio.transcriptions.create',
    path: '/audio/transcriptions',
    ...STATELESS,
    form: 'always',
    texts: ['file.filename', 'prompt', 'language', 'keywords[]', 'known_speaker_names[]'],
    answer: 'transcript',
    streams: 'body',
  },
  {
    id: 'audio.translations.create',
    path: '/audio/translations',
    ...STATELESS,
    form: 'always',
    texts: ['file.filename', 'prompt'],
    answer: 'transcript',
    streams: 'never',
  },
  {
    id: 'audio.speech.create',
    path: '/audio/speech',
    ...STATELESS,
    texts: ['input', 'instructions', 'voice'],
    answer: 'speech',
    answers: 'audio',
    streams: 'format',
  },
  {
    id: 'images.generate',
    path: '/images/generations',
    ...STATELESS,
    texts: ['prompt', 'user'],
    answer: 'images',
    answers: 'image',
    streams: 'body',
  },
  {
    id: 'images.edit',
    path: '/images/edits',
    ...STATELESS,
    form: 'or JSON',
    texts: ['prompt', 'user', 'image.filename', 'mask.filename'],
    answer: 'images',
    answers: 'image',
    streams: 'body',
  },
  {
    id: 'images.create_variation',
    path: '/images/variations',
    ...STATELESS,
    form: 'always',
    texts: ['image.filename', 'user'],
    answer: 'images',
    answers: 'image',
    streams: 'never',
  },
];
