import { ResponseError } from '#core/provider/openai/answer/response-error.ts';
import { SseReader } from '#core/provider/openai/stream/sse.ts';
import { isServerEvent } from './events.ts';
import { contentText } from './form.ts';
import { readItem, type Turn } from './item.ts';
import { get, list, parse, string } from './json.ts';
import { createStreamReader } from './stream.ts';

/** Reads an answer as it was delivered; pieces of one turn come one after the other with the same speaker. */
export interface AnswerReader {
  push(bytes: Uint8Array): Turn[];
  /** What can be said only now that the answer is whole. */
  end(): Turn[];
}

/** What an event stream begins with. */
const EVENTS_START = /^(?:\xef\xbb\xbf|event:|data:|id:|retry:|[:\r\n])/;
const START_BYTES = 6;

/**
 * Reads server-sent events piece by piece, messages one by one; a JSON body, and any other content, at its end. Which one it is, its first bytes
 * tell.
 */
export function createAnswerReader(): AnswerReader {
  let reader: AnswerReader | undefined;
  let start: Uint8Array = new Uint8Array();
  const begin = (): Turn[] => {
    reader = choose(start);
    return reader.push(start);
  };
  return {
    push(bytes) {
      if (reader !== undefined) return reader.push(bytes);
      start = Buffer.concat([start, bytes]);
      return start.length < START_BYTES ? [] : begin();
    },
    end() {
      const turns = reader === undefined && start.length > 0 ? begin() : [];
      return [...turns, ...(reader?.end() ?? [])];
    },
  };
}

/** The turns of a whole answer: the pieces of each joined. */
export function readDelivery(frames: readonly { readonly data: Uint8Array }[]): Turn[] {
  const reader = createAnswerReader();
  const pieces = [...frames.flatMap(({ data }) => reader.push(data)), ...reader.end()];
  const turns: { speaker: string; text: string }[] = [];
  for (const piece of pieces) {
    const last = turns.at(-1);
    if (last?.speaker === piece.speaker) last.text += piece.text;
    else turns.push({ ...piece });
  }
  return turns;
}

function choose(bytes: Uint8Array): AnswerReader {
  const start = Buffer.from(bytes).toString('latin1', 0, START_BYTES);
  if (EVENTS_START.test(start)) return readEvents();
  if (isServerEvent(bytes)) return readMessages();
  if (/^[[{]/.test(start)) return readWhole((body) => readAnswer(new TextDecoder().decode(body)));
  return readWhole((body) => [{ speaker: 'answer', text: contentText(body) }]);
}

function readWhole(read: (body: Uint8Array) => Turn[]): AnswerReader {
  const body: Uint8Array[] = [];
  return {
    push(bytes) {
      body.push(bytes);
      return [];
    },
    end: () => read(Buffer.concat(body)),
  };
}

function readMessages(): AnswerReader {
  const stream = createStreamReader();
  return { push: (bytes) => stream.read(parse(new TextDecoder().decode(bytes))), end: () => [] };
}

function readEvents(): AnswerReader {
  const events = new SseReader();
  const stream = createStreamReader();
  let broken = false;

  /** An answer that cannot be read on is said so once; what follows in the session is still shown. */
  function read(next: () => Iterable<{ readonly data: string | undefined }>): Turn[] {
    if (broken) return [];
    const turns: Turn[] = [];
    try {
      for (const { data } of next()) {
        if (data !== undefined) turns.push(...stream.read(parse(data)));
      }
    } catch (error) {
      if (!(error instanceof ResponseError)) throw error;
      broken = true;
      turns.push({ speaker: 'unreadable', text: error.message });
    }
    return turns;
  }

  return { push: (bytes) => read(() => events.push(bytes)), end: () => read(() => events.end()) };
}

/**
 * The turns of a JSON answer: Responses, Chat Completions, legacy completions, an error, pages of any of them or of items, a
 * list of models; anything else as it stands.
 */
function readAnswer(text: string): Turn[] {
  const answer = parse(text);
  const error = string(get(get(answer, 'error'), 'message'));
  if (error !== '') return [{ speaker: 'error', text: error }];
  const turns = readObject(answer);
  if (turns.length > 0) return turns;
  const page = list(get(answer, 'data'));
  if (page.length > 0 && page.every(isModel)) {
    return [{ speaker: 'answer', text: page.map((model) => string(get(model, 'id'))).join(', ') }];
  }
  const read = page.map((entry) => (string(get(entry, 'role')) === '' ? readObject(entry) : readItem(entry)));
  return page.length > 0 && read.every(({ length }) => length > 0)
    ? read.flat()
    : [{ speaker: 'answer', text }];
}

/** The turns of a response or a completion; none of anything else. */
function readObject(value: unknown): Turn[] {
  return [
    ...list(get(value, 'output')).flatMap(readItem),
    ...list(get(value, 'choices')).flatMap((choice) => {
      const text = string(get(choice, 'text'));
      return text === '' ? readItem(get(choice, 'message')) : [{ speaker: 'assistant', text }];
    }),
  ];
}

/** True for an entry that is nothing beside its id: what says more is shown. */
function isModel(entry: unknown): boolean {
  const kind = get(entry, 'object');
  return kind === 'model' || (kind === undefined && Object.keys(entry ?? {}).join() === 'id');
}
