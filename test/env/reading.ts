import { APIError } from 'openai';
import { expect } from 'vitest';

/** The error with which the SDK fails; it is a failure of the test when it does not. */
export async function raised(asking: Promise<unknown>): Promise<APIError> {
  const error = await asking.then(
    () => new Error('it was answered'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(APIError);
  return error as APIError;
}

/** The text of a stream of the Responses API. */
export async function textOf(stream: AsyncIterable<{ type: string; delta?: unknown }>): Promise<string> {
  let text = '';
  for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
  return text;
}

/** All that a stream of text has. */
export async function readAll(stream: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of stream) text += piece;
  return text;
}
