import type { Steps } from '../steps.ts';
import { type ModelRequest, parseBody, readParsed } from './request.ts';
import { RequestError } from './request-error.ts';
import type { Target } from './target.ts';

/** A message of a client on a Responses connection. */
export interface ResponsesMessage {
  readonly content: ModelRequest;
  /** The lane that the response is asked for on. */
  readonly streamId: string | undefined;
}

/** Messages that add to a response under way, which was judged without what they say. */
const LATER: ReadonlySet<unknown> = new Set(['response.steer', 'response.inject']);
const LATER_HINT = ' What comes to a response that has begun goes into the next "response.create".';
/** As the API has it. */
const STREAM_ID = /^[A-Za-z0-9_.-]{1,256}$/;

/**
 * Reads a message on a Responses connection: `response.create`, which has the body of `POST /responses` beside its type.
 *
 * @param target of `responses.create`
 * @throws RequestError for a message of another type, whatever it holds, and as readRequest does.
 */
export function* readResponsesMessage(target: Target, body: Uint8Array): Steps<ResponsesMessage> {
  const message = parseBody(body);
  if (message['type'] !== 'response.create') {
    const hint = LATER.has(message['type']) ? LATER_HINT : '';
    throw new RequestError(
      `Sworn takes messages of the type "response.create" here, and no others.${hint}`,
      'type',
    );
  }
  const streamId = message['stream_id'];
  if (streamId !== undefined && (typeof streamId !== 'string' || !STREAM_ID.test(streamId))) {
    throw new RequestError('"stream_id" is not of letters, digits, "_", "." and "-".', 'stream_id');
  }
  // Whatever is asked for, events are what comes.
  return { content: { ...(yield* readParsed(target, message, body)), stream: true }, streamId };
}
