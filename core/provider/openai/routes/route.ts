import type { OpaqueKind } from '../content/kind.ts';

/** What a query parameter may say; query.ts reads it, and refuses whatever has another form. */
export type QueryForm =
  /** One to four digits. */
  | 'count'
  /** An event's number: up to nine digits. */
  | 'number'
  /** `true` or `false`. */
  | 'boolean'
  /** `asc` or `desc`. */
  | 'order'
  /** As a path parameter. */
  | 'id'
  | 'model'
  /** `include[]`, repeated: words of a closed list. */
  | 'includes'
  /** `metadata[key]`, repeated: the caller's own text, which is read as such. */
  | 'map'
  /** A word of the API: `batch`, `in_progress`. */
  | 'word'
  /** The caller's own text, which is read as such. */
  | 'text'
  /** `transcription`. */
  | 'intent';

/** What an answer is; ANSWERS says where text stands in it. */
export type AnswerKind =
  | 'response'
  | 'compaction'
  | 'token count'
  | 'list of items'
  | 'item'
  | 'conversation'
  | 'chat completion'
  | 'list of chat completions'
  | 'list of messages'
  | 'completion'
  | 'embeddings'
  | 'moderation'
  | 'model'
  | 'list of models'
  | 'deletion'
  | 'file'
  | 'list of files'
  | 'upload'
  | 'part of an upload'
  | 'vector store'
  | 'list of vector stores'
  | 'file of a vector store'
  | 'list of files of a vector store'
  | 'batch of files'
  | 'passages'
  | 'search results'
  | 'batch'
  | 'list of batches'
  | 'container'
  | 'list of containers'
  | 'file of a container'
  | 'list of files of a container'
  | 'content'
  | 'transcript'
  | 'speech'
  | 'images'
  | 'response events'
  | 'realtime events'
  | 'acceptance';

/**
 * What the provider keeps of a call, under the key of Sworn and so for whoever asks through it:
 * nothing; the answer, by default or when asked to (`store`); what the call brings; or the call is about what is kept
 * already, which it reads, changes or deletes.
 */
export type Storage = 'nothing' | 'by default' | 'on request' | 'always' | 'reads' | 'changes' | 'deletes';

/** One method and path of the provider's API that Sworn serves. */
export interface Route {
  /** As policies and records name it: `responses.create`. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Reached by an upgrade to WebSocket (RFC 6455), and in no other way. */
  readonly transport?: 'websocket';
  /** Without the version prefix: `/responses/{response_id}`. */
  readonly path: string;
  /** The request carries a body: JSON, unless `form` says otherwise. */
  readonly hasBody: boolean;
  /** The body is a form (`multipart/form-data`), or may be one. */
  readonly form?: 'always' | 'or JSON';
  /**
   * How a call brings requests that are made later, or must not: `file`: the lines of its file, when its purpose is batch;
   * `endpoint`: it names the route that a batch is for; `not in pieces`: its purpose must not be batch; `piece`: what it brings
   * is a piece of a file, of which the texts do not end with it, so that none of it counts as read.
   */
  readonly requests?: 'file' | 'endpoint' | 'not in pieces' | 'piece';
  /**
   * Content that cannot be read, in the request or the answer, goes on only where a policy lets its kind through. On other
   * routes it does unless a policy that speaks of such content leaves its kind out.
   */
  readonly opaque?: 'by policy';
  /** What the answer is made of, always; so that a call which policy would not let answer is not made. */
  readonly answers?: OpaqueKind;
  /** The query parameters that it takes; any other is refused. */
  readonly query: Readonly<Record<string, QueryForm>>;
  /**
   * Where the body carries text, as far as the API is known: `input[].content[].text`. For people and tests; what is read is
   * every string, wherever it stands.
   */
  readonly texts: readonly string[];
  readonly answer: AnswerKind;
  /** Where a caller asks for an event stream: `stream` in the body or query, `stream_format` in the body, or nowhere; or all is one. */
  readonly streams: 'body' | 'query' | 'format' | 'never' | 'always';
  readonly storage: Storage;
  /** Headers that the provider wants with it. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A part of the API that is not served, and why. */
export interface Refusal {
  /** Without the version prefix. What is below it is refused as well, unless it stands alone. */
  readonly path: string;
  readonly alone?: true;
  /** Absent: every method. */
  readonly method?: string;
  /** Refused for good, or not served so far. */
  readonly kind: 'refused' | 'not yet';
  /** A sentence for the caller and for docs/openai.md. */
  readonly reason: string;
}

/** What many routes share. */
export const PAGES = { after: 'id', limit: 'count', order: 'order' } as const;
