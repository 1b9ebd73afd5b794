import type { OpaqueContent } from '#core/provider/openai/content/opaque.ts';
import {
  AUDIO_APPEND,
  outgoingMessage,
  type RealtimeMessage,
  readRealtimeMessage,
} from '#core/provider/openai/realtime-message.ts';
import { renaming } from '#core/provider/openai/rename-model.ts';
import type { Target } from '#core/provider/openai/target.ts';
import type { Received, Verdict } from '../exchange.ts';
import { readMessage } from '../inspect/inspect.ts';
import { allowsOpaque } from '../policy/opaque.ts';
import type { CallerSocket, Incoming } from './caller-socket.ts';

/** Sound comes in many small pieces: those of so many milliseconds and bytes are one exchange. */
const GATHER_MS = 200;
const GATHER_BYTES = 1024 * 1024;

/** What a caller has sent: one event, or pieces of sound that came one after the other. */
export interface Input {
  /** Of several events the bodies are lines of one. */
  readonly received: Received;
  readonly eventId: string | undefined;
  readonly hasAudio: boolean;
  /** All that it brings that cannot be read. */
  readonly media: readonly OpaqueContent[];
  /** What goes to the provider, message by message; `model` is the name that the model has there, where it is another. */
  forward(verdict: Verdict, model?: string): readonly Uint8Array[];
}

/** Reads an event. Throws GatewayError `invalid_request`. */
export function readInput(target: Target, body: Uint8Array): Input {
  const message = readMessage(() => readRealtimeMessage(target, body));
  return inputOf(target, [{ body, message }]);
}

/** Adds the pieces of sound that follow one. Throws GatewayError `invalid_request`. */
export async function gatherAudio(
  target: Target,
  first: Uint8Array,
  socket: Pick<CallerSocket, 'take' | 'untake' | 'gone'>,
): Promise<Input> {
  const over = AbortSignal.any([AbortSignal.timeout(GATHER_MS), socket.gone]);
  const bodies = [first];
  for (let bytes = first.length; bytes < GATHER_BYTES; ) {
    const next = await socket.take(over).catch(() => undefined);
    if (next === undefined) break;
    if (!isAudio(next)) {
      socket.untake(next);
      break;
    }
    bodies.push(next.data);
    bytes += next.data.length;
  }
  const read = (body: Uint8Array) => ({
    body,
    message: readMessage(() => readRealtimeMessage(target, body)),
  });
  return inputOf(target, bodies.map(read));
}

/** Members of a piece of sound. One that has others, which may ask for something, or hold a secret, is read by itself. */
const SOUND_MEMBERS: ReadonlySet<string> = new Set(['type', 'event_id', 'audio']);

/** True for an event that brings a piece of sound and nothing else. */
export function isAudio(incoming: Incoming): incoming is Extract<Incoming, { kind: 'text' }> {
  if (incoming.kind !== 'text') return false;
  try {
    const event = JSON.parse(Buffer.from(incoming.data).toString('utf8'));
    return event?.type === AUDIO_APPEND && Object.keys(event).every((key) => SOUND_MEMBERS.has(key));
  } catch {
    return false;
  }
}

interface Read {
  readonly body: Uint8Array;
  readonly message: RealtimeMessage;
}

function inputOf(target: Target, events: readonly [Read, ...Read[]] | readonly Read[]): Input {
  const [first] = events as readonly [Read];
  const { content, eventId } = first.message;
  const texts = events.flatMap(({ message }) => message.content.texts);
  const opaque = events.flatMap(({ message }) => message.content.opaque);
  const body = joinLines(events.map((event) => event.body));
  // An approval is bound to all that goes out.
  const outgoing = { ...content.outgoing, body };
  return {
    received: { target, body, content: { ...content, texts, opaque, outgoing } },
    eventId,
    hasAudio: events.some(({ message }) => message.hasAudio),
    forward: (verdict, model) =>
      events.map(({ body, message }) => {
        const asked = verdict.edits.filter((edit) => 'path' in edit);
        const edits = model !== undefined && message.namesModel ? [...asked, renaming(model)] : asked;
        return outgoingMessage(message, body, edits, allowsOpaque(verdict, 'audio'));
      }),
    media: events.flatMap(({ message }) => message.media),
  };
}

function joinLines(bodies: readonly Uint8Array[]): Uint8Array {
  const [only] = bodies;
  if (bodies.length === 1 && only !== undefined) return only;
  return Buffer.from(bodies.map((body) => Buffer.from(body).toString('utf8')).join('\n'));
}
