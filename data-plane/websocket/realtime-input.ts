import type { OpaqueContent } from '#core/provider/openai/content/opaque.ts';
import {
  AUDIO_APPEND,
  LINES_TYPE,
  outgoingMessage,
  type RealtimeMessage,
  readRealtimeMessage,
} from '#core/provider/openai/realtime/realtime-message.ts';
import { renaming } from '#core/provider/openai/request/rename-model.ts';
import type { Target } from '#core/provider/openai/request/target.ts';
import type { Received, Verdict } from '../exchange.ts';
import { readMessage } from '../inspect/read.ts';
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
  /**
   * What goes to the provider, message by message.
   * @param model the name that the model has there, where it is another
   * @param body with tokens in the place of values; absent: as it came. Pieces of sound have none
   */
  forward(verdict: Verdict, model?: string, body?: Uint8Array): readonly Uint8Array[];
}

/** Reads an event. Throws GatewayError `invalid_request`. */
export function readInput(target: Target, body: Uint8Array): Input {
  const message = readMessage(() => readRealtimeMessage(target, body));
  return inputOf([message], {
    received: {
      target,
      body,
      content: message.content,
      send: (sent, verdict) => toSend(message, sent, verdict),
    },
    forward: (verdict, model, tokenized = body) => [toSend(message, tokenized, verdict, model)],
  });
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
  const messages = bodies.map((body) => readMessage(() => readRealtimeMessage(target, body)));
  const [{ content }] = messages as [RealtimeMessage];
  const body = joinLines(bodies);
  const texts = messages.flatMap((message) => message.content.texts);
  const opaque = messages.flatMap((message) => message.content.opaque);
  // An approval is bound to all that goes out.
  const outgoing = { contentType: LINES_TYPE, body };
  return inputOf(messages, {
    received: { target, body, content: { ...content, texts, opaque, outgoing }, send: (sent) => sent },
    forward: () => bodies,
  });
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

function inputOf(messages: readonly RealtimeMessage[], rest: Pick<Input, 'received' | 'forward'>): Input {
  return {
    ...rest,
    eventId: messages[0]?.eventId,
    hasAudio: messages.some(({ hasAudio }) => hasAudio),
    media: messages.flatMap(({ media }) => media),
  };
}

function toSend(message: RealtimeMessage, body: Uint8Array, verdict: Verdict, model?: string): Uint8Array {
  const asked = verdict.edits.filter((edit) => 'path' in edit);
  const edits = model !== undefined && message.namesModel ? [...asked, renaming(model)] : asked;
  return outgoingMessage(message, body, edits, allowsOpaque(verdict, 'audio'));
}

function joinLines(bodies: readonly Uint8Array[]): Uint8Array {
  const [only] = bodies;
  if (bodies.length === 1 && only !== undefined) return only;
  return Buffer.from(bodies.map((body) => Buffer.from(body).toString('utf8')).join('\n'));
}
