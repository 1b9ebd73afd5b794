import type { Provider } from './provider.ts';
import { type End, type SocketEvent, takeSockets } from './sockets.ts';

/** A provider that speaks Realtime, text alone: it remembers what it gets, and answers each response with the same words. */
export interface RealtimeProvider {
  /** The events that it got, oldest first. */
  readonly heard: SocketEvent[];
  /** Its end of each connection. */
  readonly ends: End[];
}

const RESPONSE = 'resp_CTTzrUqbJ1dFZ2mG3qYc1';
const ITEM = 'item_CTTzrr2UvNnlZ3aQ9d8Hx';
const WHERE = { response_id: RESPONSE, item_id: ITEM, output_index: 0, content_index: 0 };

/** The events of a response that says this, a character at a time. */
export function realtimeResponse(text: string): SocketEvent[] {
  const content = [{ type: 'output_text', text }];
  const item = { id: ITEM, object: 'realtime.item', type: 'message', role: 'assistant', status: 'completed' };
  const response = { id: RESPONSE, object: 'realtime.response' };
  const usage = { total_tokens: 18, input_tokens: 11, output_tokens: 7 };
  const events: SocketEvent[] = [
    { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
    {
      type: 'response.output_item.added',
      response_id: RESPONSE,
      output_index: 0,
      item: { ...item, content: [] },
    },
    { type: 'response.content_part.added', ...WHERE, part: { type: 'output_text', text: '' } },
    ...Array.from(text, (delta) => ({ type: 'response.output_text.delta', ...WHERE, delta })),
    { type: 'response.output_text.done', ...WHERE, text },
    { type: 'response.content_part.done', ...WHERE, part: content[0] },
    { type: 'response.output_item.done', response_id: RESPONSE, output_index: 0, item: { ...item, content } },
    {
      type: 'response.done',
      response: { ...response, status: 'completed', output: [{ ...item, content }], usage },
    },
  ];
  return events.map((event, index) => ({ event_id: `event_${String(index).padStart(16, 'a')}`, ...event }));
}

/** The events of a tool call with these arguments, a character at a time. */
export function realtimeCall(said: object): SocketEvent[] {
  const place = { item_id: 'item_call', response_id: RESPONSE, output_index: 1, call_id: 'call_1' };
  const type = 'response.function_call_arguments';
  const text = JSON.stringify(said);
  return [
    ...Array.from(text, (delta) => ({ type: `${type}.delta`, ...place, delta })),
    { type: `${type}.done`, ...place, arguments: text },
  ];
}

/** Lets a provider speak Realtime. `answer` may answer an event itself, and says so. */
export function speakRealtime(
  provider: Provider,
  text: string,
  answer: (event: SocketEvent, end: End) => boolean = () => false,
): RealtimeProvider {
  const heard: SocketEvent[] = [];
  const ends: End[] = [];
  takeSockets(provider, async (end) => {
    ends.push(end);
    end.send({
      type: 'session.created',
      session: { type: 'realtime', instructions: `the words of ${text}` },
    });
    for (;;) {
      const event = await end.next().catch(() => undefined);
      if (event === undefined) return;
      heard.push(event);
      if (answer(event, end)) continue;
      if (event.type === 'session.update') end.send({ type: 'session.updated', session: event['session'] });
      if (event.type === 'conversation.item.create') {
        end.send({ type: 'conversation.item.added', item: event['item'], previous_item_id: null });
      }
      if (event.type === 'response.create') for (const said of realtimeResponse(text)) end.send(said);
    }
  });
  return { heard, ends };
}
