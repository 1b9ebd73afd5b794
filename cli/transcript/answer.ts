import { get, list, parse, string } from './json.ts';
import { createEventReader, type EventReader } from './sse.ts';
import { createStreamReader } from './stream.ts';
import { readItem, type Turn } from './turns.ts';

/** Reads an answer as it was delivered; pieces of one turn come one after the other with the same speaker. */
export interface AnswerReader {
  push(bytes: Uint8Array): Turn[];
  /** What can be said only now that the answer is whole. */
  end(): Turn[];
}

/** Reads server-sent events piece by piece, and a JSON body at its end; which one it is, its first byte tells. */
export function createAnswerReader(): AnswerReader {
  const stream = createStreamReader();
  let events: EventReader | undefined;
  let body: Uint8Array[] | undefined;
  return {
    push(bytes) {
      if (bytes.length === 0) return [];
      if (events === undefined && body === undefined) {
        if (bytes[0] === '{'.charCodeAt(0) || bytes[0] === '['.charCodeAt(0)) body = [];
        else events = createEventReader();
      }
      body?.push(bytes);
      return events?.push(bytes).flatMap((data) => stream.read(parse(data))) ?? [];
    },
    end: () => (body === undefined ? [] : readAnswer(new TextDecoder().decode(Buffer.concat(body)))),
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

/** The turns of a JSON answer: Responses, Chat Completions, an error, a list of models; anything else as it stands. */
function readAnswer(text: string): Turn[] {
  const answer = parse(text);
  const error = string(get(get(answer, 'error'), 'message'));
  if (error !== '') return [{ speaker: 'error', text: error }];
  const output = list(get(answer, 'output'));
  if (output.length > 0) return output.flatMap(readItem);
  const choices = list(get(answer, 'choices'));
  if (choices.length > 0) return choices.flatMap((choice) => readItem(get(choice, 'message')));
  const models = list(get(answer, 'data')).map((model) => string(get(model, 'id')));
  return [{ speaker: 'answer', text: models.length > 0 ? models.join(', ') : text }];
}
