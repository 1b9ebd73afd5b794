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
  | 'map';

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
  /** Without the version prefix: `/responses/{response_id}`. */
  readonly path: string;
  /** The request carries a JSON body. */
  readonly hasBody: boolean;
  /** The query parameters that it takes; any other is refused. */
  readonly query: Readonly<Record<string, QueryForm>>;
  /**
   * Where the body carries text, as far as the API is known: `input[].content[].text`. For people and tests; what is read is
   * every string, wherever it stands.
   */
  readonly texts: readonly string[];
  readonly answer: AnswerKind;
  /** Where a caller asks for an event stream: a member of the body, a query parameter, or nowhere. */
  readonly streams: 'body' | 'query' | 'never';
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
