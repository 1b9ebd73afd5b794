import type { Route } from '#core/provider/openai/catalogue.ts';
import { ANSWERS } from '#core/provider/openai/routes/texts.ts';

/** The media type that a call asks for: events, JSON, or whatever there is where the answer is a file. */
export function acceptOf({ answer }: Route, stream: boolean): string {
  if (stream) return 'text/event-stream';
  return ANSWERS[answer].bare === undefined ? 'application/json' : '*/*';
}
