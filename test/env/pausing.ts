import { beginEvents, responseEvents } from './answers.ts';
import type { Behaviour } from './provider.ts';

/** Begins to stream this text, and sends the rest when it is told to go on. */
export function pausingAnswer(text: string): { readonly behaviour: Behaviour; readonly goOn: () => void } {
  const gate = Promise.withResolvers<void>();
  const behaviour: Behaviour = async (_request, response) => {
    beginEvents(response);
    const events = responseEvents(text, 2);
    for (const event of events.slice(0, 5)) response.write(event);
    await gate.promise;
    for (const event of events.slice(5)) response.write(event);
    response.end();
  };
  return { behaviour, goOn: gate.resolve };
}
