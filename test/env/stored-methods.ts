import type OpenAI from 'openai';
import { toFile } from 'openai';

/** A method of the SDK: the route that it asks, as it stands in the catalogue; the request line; the call. */
export type Method = [route: string, line: string, call: () => Call];

/** What a method of the SDK returns. */
export interface Call {
  withResponse(): Promise<{ data: unknown; request_id: string | null }>;
}

const SOUND = Buffer.from('ID3\u0004\0\0');
const PICTURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const MODEL = { model: 'gpt-test' };

/** The methods of what is stored, and of media. */
export function storedMethods(client: () => OpenAI): Method[] {
  const text = () => toFile(Buffer.from('hello'), 'note.txt');
  const sound = () => toFile(SOUND, 'a.mp3');
  const picture = () => toFile(PICTURE, 'a.png', { type: 'image/png' });
  /** A call whose file has to be made first. */
  const later = (file: () => Promise<File>, call: (file: File) => Call): Call => ({
    withResponse: async () => call(await file()).withResponse(),
  });
  const STORE = { vector_store_id: 'vs_1' };
  const CONTAINER = { container_id: 'cntr_1' };
  return [
    [
      'files.create',
      'POST /files',
      () => later(text, (file) => client().files.create({ file, purpose: 'user_data' })),
    ],
    ['files.list', 'GET /files?purpose=batch', () => client().files.list({ purpose: 'batch' })],
    ['files.retrieve', 'GET /files/file-1', () => client().files.retrieve('file-1')],
    ['files.delete', 'DELETE /files/file-1', () => client().files.delete('file-1')],
    ['files.content', 'GET /files/file-1/content', () => client().files.content('file-1')],
    [
      'uploads.create',
      'POST /uploads',
      () =>
        client().uploads.create({
          bytes: 5,
          filename: 'a.pdf',
          mime_type: 'application/pdf',
          purpose: 'assistants',
        }),
    ],
    [
      'uploads.parts.create',
      'POST /uploads/upload_1/parts',
      () => later(text, (data) => client().uploads.parts.create('upload_1', { data })),
    ],
    [
      'uploads.complete',
      'POST /uploads/upload_1/complete',
      () => client().uploads.complete('upload_1', { part_ids: ['part_1'] }),
    ],
    ['uploads.cancel', 'POST /uploads/upload_1/cancel', () => client().uploads.cancel('upload_1')],
    ['vector_stores.create', 'POST /vector_stores', () => client().vectorStores.create({ name: 'notes' })],
    [
      'vector_stores.list',
      'GET /vector_stores?before=vs_2',
      () => client().vectorStores.list({ before: 'vs_2' }),
    ],
    ['vector_stores.retrieve', 'GET /vector_stores/vs_1', () => client().vectorStores.retrieve('vs_1')],
    [
      'vector_stores.update',
      'POST /vector_stores/vs_1',
      () => client().vectorStores.update('vs_1', { metadata: { ward: '3' } }),
    ],
    ['vector_stores.delete', 'DELETE /vector_stores/vs_1', () => client().vectorStores.delete('vs_1')],
    [
      'vector_stores.search',
      'POST /vector_stores/vs_1/search',
      () => client().vectorStores.search('vs_1', { query: 'hello' }),
    ],
    [
      'vector_stores.files.create',
      'POST /vector_stores/vs_1/files',
      () => client().vectorStores.files.create('vs_1', { file_id: 'file-1', attributes: { ward: 3 } }),
    ],
    [
      'vector_stores.files.list',
      'GET /vector_stores/vs_1/files?filter=in_progress',
      () => client().vectorStores.files.list('vs_1', { filter: 'in_progress' }),
    ],
    [
      'vector_stores.files.retrieve',
      'GET /vector_stores/vs_1/files/file-1',
      () => client().vectorStores.files.retrieve('file-1', STORE),
    ],
    [
      'vector_stores.files.update',
      'POST /vector_stores/vs_1/files/file-1',
      () => client().vectorStores.files.update('file-1', { ...STORE, attributes: { ward: 3 } }),
    ],
    [
      'vector_stores.files.delete',
      'DELETE /vector_stores/vs_1/files/file-1',
      () => client().vectorStores.files.delete('file-1', STORE),
    ],
    [
      'vector_stores.files.content',
      'GET /vector_stores/vs_1/files/file-1/content',
      () => client().vectorStores.files.content('file-1', STORE),
    ],
    [
      'vector_stores.file_batches.create',
      'POST /vector_stores/vs_1/file_batches',
      () => client().vectorStores.fileBatches.create('vs_1', { file_ids: ['file-1'] }),
    ],
    [
      'vector_stores.file_batches.retrieve',
      'GET /vector_stores/vs_1/file_batches/b_1',
      () => client().vectorStores.fileBatches.retrieve('b_1', STORE),
    ],
    [
      'vector_stores.file_batches.cancel',
      'POST /vector_stores/vs_1/file_batches/b_1/cancel',
      () => client().vectorStores.fileBatches.cancel('b_1', STORE),
    ],
    [
      'vector_stores.file_batches.list_files',
      'GET /vector_stores/vs_1/file_batches/b_1/files',
      () => client().vectorStores.fileBatches.listFiles('b_1', STORE),
    ],
    [
      'batches.create',
      'POST /batches',
      () =>
        client().batches.create({
          input_file_id: 'file-1',
          endpoint: '/v1/responses',
          completion_window: '24h',
        }),
    ],
    ['batches.list', 'GET /batches?limit=3', () => client().batches.list({ limit: 3 })],
    ['batches.retrieve', 'GET /batches/batch_1', () => client().batches.retrieve('batch_1')],
    ['batches.cancel', 'POST /batches/batch_1/cancel', () => client().batches.cancel('batch_1')],
    ['containers.create', 'POST /containers', () => client().containers.create({ name: 'c' })],
    ['containers.list', 'GET /containers?name=a%20b', () => client().containers.list({ name: 'a b' })],
    ['containers.retrieve', 'GET /containers/cntr_1', () => client().containers.retrieve('cntr_1')],
    ['containers.delete', 'DELETE /containers/cntr_1', () => client().containers.delete('cntr_1')],
    [
      'containers.files.create',
      'POST /containers/cntr_1/files',
      () => later(text, (file) => client().containers.files.create('cntr_1', { file })),
    ],
    ['containers.files.list', 'GET /containers/cntr_1/files', () => client().containers.files.list('cntr_1')],
    [
      'containers.files.retrieve',
      'GET /containers/cntr_1/files/f_1',
      () => client().containers.files.retrieve('f_1', CONTAINER),
    ],
    [
      'containers.files.delete',
      'DELETE /containers/cntr_1/files/f_1',
      () => client().containers.files.delete('f_1', CONTAINER),
    ],
    [
      'containers.files.content',
      'GET /containers/cntr_1/files/f_1/content',
      () => client().containers.files.content.retrieve('f_1', CONTAINER),
    ],
    [
      'audio.transcriptions.create',
      'POST /audio/transcriptions',
      () => later(sound, (file) => client().audio.transcriptions.create({ file, ...MODEL })),
    ],
    [
      'audio.translations.create',
      'POST /audio/translations',
      () => later(sound, (file) => client().audio.translations.create({ file, ...MODEL })),
    ],
    [
      'audio.speech.create',
      'POST /audio/speech',
      () => client().audio.speech.create({ ...MODEL, input: 'hello', voice: 'alloy' }),
    ],
    [
      'images.generate',
      'POST /images/generations',
      () => client().images.generate({ ...MODEL, prompt: 'hello' }),
    ],
    [
      'images.edit',
      'POST /images/edits',
      () => later(picture, (image) => client().images.edit({ ...MODEL, image: [image], prompt: 'hello' })),
    ],
    [
      'images.create_variation',
      'POST /images/variations',
      () => later(picture, (image) => client().images.createVariation({ image })),
    ],
  ];
}
