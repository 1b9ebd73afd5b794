import type { AnswerKind } from './route.ts';

/** Text in an item of a conversation: a message, a tool call, the output of one. */
export const ITEM = [
  'content',
  'content[].text',
  'content[].refusal',
  'content[].filename',
  'content[].file_data',
  'content[].image_url',
  'content[].file_url',
  'content[].input_audio.transcript',
  'content[].annotations[].title',
  'content[].annotations[].url',
  'summary[].text',
  'name',
  'arguments',
  'input',
  'code',
  'outputs[].logs',
  'output',
  'output[].text',
  'output[].stdout',
  'output[].stderr',
  'action.command[]',
  'action.commands[]',
  'action.env.name',
  'action.query',
  'action.queries[]',
  'action.url',
  'action.text',
  'action.keys[]',
  'operation.diff',
  'operation.path',
  'queries[]',
  'results[].text',
  'results[].filename',
  'results[].attributes.name',
  'error',
  'reason',
  'server_label',
  'tools[].description',
  'tools[].input_schema.description',
];

/** Text in the definition of a tool. */
export const TOOL = [
  'name',
  'description',
  'parameters.description',
  'format.definition',
  'server_label',
  'server_url',
  'server_description',
  'headers.name',
  'authorization',
  'allowed_domains[]',
  'user_location.city',
  'filters.value',
  'tools[].description',
];

const PROMPT = ['prompt.variables.name', 'prompt.variables.name.text', 'prompt.variables.name.filename'];
const CALLER = ['user', 'safety_identifier', 'prompt_cache_key'];

/** Text in the content of a chat message. */
const CHAT_CONTENT = [
  'content',
  'content[].text',
  'content[].refusal',
  'content[].image_url.url',
  'content[].file.filename',
  'content[].file.file_data',
];
const CHAT_CALLS = [
  'tool_calls[].function.name',
  'tool_calls[].function.arguments',
  'tool_calls[].custom.name',
  'tool_calls[].custom.input',
  'function_call.name',
  'function_call.arguments',
];
const CHAT_ANSWER = [
  'content',
  'refusal',
  ...CHAT_CALLS,
  'audio.transcript',
  'annotations[].url_citation.title',
  'annotations[].url_citation.url',
];
const CHAT_COMPLETION = [...within('choices[].message', CHAT_ANSWER), 'metadata.name'];

/** Where the body of a call for a response carries text; input_tokens and compact take parts of it. */
export const RESPONSE_REQUEST = [
  'input',
  ...within('input[]', ITEM),
  'instructions',
  ...within('tools[]', TOOL),
  ...PROMPT,
  'text.format.name',
  'text.format.description',
  'text.format.schema.description',
  'metadata.name',
  ...CALLER,
];

export const CHAT_REQUEST = [
  ...within('messages[]', [...CHAT_CONTENT, 'name', 'refusal', ...CHAT_CALLS]),
  ...within('tools[]', [
    'function.name',
    'function.description',
    'function.parameters.description',
    'custom.name',
    'custom.description',
    'custom.format.grammar.definition',
  ]),
  'functions[].description',
  'functions[].parameters.description',
  'response_format.json_schema.name',
  'response_format.json_schema.description',
  'response_format.json_schema.schema.description',
  'prediction.content',
  'prediction.content[].text',
  'stop',
  'stop[]',
  'web_search_options.user_location.approximate.city',
  'metadata.name',
  ...CALLER,
];

export const ITEMS_REQUEST = within('items[]', ITEM);

/** An answer of a kind. */
interface AnswerDescription {
  readonly about: string;
  /** Where text stands in it as far as the API is known. All else is masked as well. */
  readonly texts: readonly string[];
  /** It is, or may be, no JSON: a text, or content of any form, to be judged by its bytes. */
  readonly bare?: 'text' | 'any';
}

const FILE = ['filename', 'status_details'];
const STORE = ['name', 'description', 'metadata.name'];
const STORE_FILE = ['attributes.name', 'last_error.message'];
const BATCH = ['metadata.name', 'errors.data[].message', 'errors.data[].param'];
const CONTAINER = ['name', 'network_policy.allowed_domains[]'];

/** What an answer of a kind is, and where text stands in it. */
export const ANSWERS: Readonly<Record<AnswerKind, AnswerDescription>> = {
  response: {
    about: 'a response object: its output, and of the request what it repeats',
    texts: [
      ...within('output[]', ITEM),
      'instructions',
      ...within('tools[]', TOOL),
      ...PROMPT,
      'text.format.description',
      'metadata.name',
      'user',
      'error.message',
    ],
  },
  compaction: { about: 'compacted items; their ciphertext is opaque', texts: within('output[]', ITEM) },
  'token count': { about: 'a number', texts: [] },
  'list of items': { about: 'a page of items', texts: within('data[]', ITEM) },
  item: { about: 'one item', texts: ITEM },
  conversation: { about: 'a conversation and its metadata', texts: ['metadata.name'] },
  'chat completion': { about: 'a chat completion with all its choices', texts: CHAT_COMPLETION },
  'list of chat completions': {
    about: 'a page of chat completions',
    texts: within('data[]', CHAT_COMPLETION),
  },
  'list of messages': {
    about: 'a page of the messages of a request',
    texts: within('data[]', [...CHAT_CONTENT, 'content_parts[].text', 'name', 'refusal', ...CHAT_CALLS]),
  },
  completion: { about: 'a completion with all its choices', texts: ['choices[].text'] },
  embeddings: { about: 'vectors, which stay as they are', texts: [] },
  moderation: { about: 'categories and scores', texts: [] },
  model: { about: 'a model', texts: ['owned_by'] },
  'list of models': { about: 'models', texts: ['data[].owned_by'] },
  deletion: { about: 'the id of what was deleted, or nothing', texts: [] },
  file: { about: 'a file: its name, size and purpose', texts: FILE },
  'list of files': { about: 'a page of files', texts: within('data[]', FILE) },
  upload: { about: 'an upload, and the file that came of it', texts: ['filename', ...within('file', FILE)] },
  'part of an upload': { about: 'the id of a part', texts: [] },
  'vector store': { about: 'a vector store', texts: STORE },
  'list of vector stores': { about: 'a page of vector stores', texts: within('data[]', STORE) },
  'file of a vector store': { about: 'a file of a vector store and its attributes', texts: STORE_FILE },
  'list of files of a vector store': {
    about: 'a page of files of a vector store',
    texts: within('data[]', STORE_FILE),
  },
  'batch of files': { about: 'how far a batch of files is', texts: [] },
  passages: { about: 'the text of a file', texts: ['data[].text'] },
  'search results': {
    about: 'passages that fit a query, with file names and attributes',
    texts: ['search_query[]', ...within('data[]', ['filename', 'attributes.name', 'content[].text'])],
  },
  batch: { about: 'a batch: how far it is, and its errors', texts: BATCH },
  'list of batches': { about: 'a page of batches', texts: within('data[]', BATCH) },
  container: { about: 'a container', texts: CONTAINER },
  'list of containers': { about: 'a page of containers', texts: within('data[]', CONTAINER) },
  'file of a container': { about: 'a file of a container: its path', texts: ['path'] },
  'list of files of a container': { about: 'a page of files of a container', texts: ['data[].path'] },
  content: {
    about: 'what a file holds: text, JSON and JSON Lines masked as such, anything else as opaque content',
    texts: [],
    bare: 'any',
  },
  transcript: {
    about: 'a transcript: JSON, text or subtitles, or a stream of `transcript.text` events',
    texts: ['text', 'segments[].text', 'segments[].speaker', 'words[].word'],
    bare: 'text',
  },
  speech: { about: 'sound, whole or in events: opaque', texts: [], bare: 'any' },
  images: {
    about: 'pictures, whole or in events: opaque; the prompt as it was revised',
    texts: ['data[].revised_prompt', 'data[].url'],
  },
  'response events': { about: 'the events of each response, as a stream of it has them', texts: [] },
  'realtime events': {
    about: 'the events of a session; sound only where policy allows it',
    texts: [
      'delta',
      'text',
      'transcript',
      'arguments',
      'item.content[].text',
      'item.content[].transcript',
      'item.arguments',
      'item.output',
      'part.text',
      'part.transcript',
      'response.output[].content[].text',
      'response.output[].content[].transcript',
      'response.output[].arguments',
      'session.instructions',
      'session.tools[].description',
      'error.message',
    ],
  },
  acceptance: { about: 'that it was recorded', texts: [] },
};

function within(place: string, texts: readonly string[]): string[] {
  return texts.map((text) => `${place}.${text}`);
}
