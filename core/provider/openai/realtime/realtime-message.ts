import { countElsewhere } from '../content/elsewhere.ts';
import { describeOpaque, MAX_OPAQUE, type OpaqueContent } from '../content/opaque.ts';
import { editJson, type JsonEdit } from '../edit.ts';
import { NOTHING_ASKED, type ParameterReadings, readParameters } from '../parameters/read.ts';
import { requirePlainNames } from '../request/plain-names.ts';
import { readTexts } from '../request/read-texts.ts';
import { readCallIds, readTools } from '../request/read-tools.ts';
import { type ModelRequest, parseBody } from '../request/request.ts';
import { RequestError } from '../request/request-error.ts';
import { readSchemaKeys } from '../request/schema-keys.ts';
import { readTargetTexts, type Target } from '../request/target.ts';
import { findSecrets, redactBody, secretTexts } from '../secrets.ts';

type Json = Record<string, unknown>;

/** A client's event on a Realtime connection. */
export interface RealtimeMessage {
  readonly type: string;
  /** By which the client knows its event again in an error. */
  readonly eventId: string | undefined;
  readonly content: ModelRequest;
  /** It names the model of its session. */
  readonly namesModel: boolean;
  /** It brings sound. */
  readonly hasAudio: boolean;
  /** All that it brings that cannot be read. */
  readonly media: readonly OpaqueContent[];
  readonly event: Json;
}

/** The type of several events, a line each. */
export const LINES_TYPE = 'application/x-ndjson';

/** The event that brings a piece of sound; there are many of them in a second. */
export const AUDIO_APPEND = 'input_audio_buffer.append';

/** The events that the API takes over WebSocket. */
const TYPES = new Set([
  AUDIO_APPEND,
  'input_audio_buffer.clear',
  'input_audio_buffer.commit',
  'conversation.item.create',
  'conversation.item.delete',
  'conversation.item.retrieve',
  'conversation.item.truncate',
  'output_audio_buffer.clear',
  'response.cancel',
  'response.create',
  'session.update',
]);
const TEXT_ONLY = ['text'];
const MAX_EVENT_ID_CHARS = 512;

/**
 * Reads a client's event: every string of it, whatever its type.
 *
 * @param target of `realtime.connect`
 * @throws RequestError when it is no JSON object, as parseBody says, or of a type that the API does not have.
 */
export function readRealtimeMessage(target: Target, body: Uint8Array): RealtimeMessage {
  const event = parseBody(body);
  const { type } = event;
  if (typeof type !== 'string' || !TYPES.has(type)) {
    throw new RequestError('Sworn does not know the type of this event.', 'type');
  }
  const session = objectOf(event['session']);
  const response = objectOf(event['response']);
  requirePlainNames(session);
  const model = session['model'];
  if (model !== undefined && typeof model !== 'string') {
    throw new RequestError('"session.model" is not a string.', 'session.model');
  }
  const named = model ?? target.query.get('model') ?? '';
  const items = [event['item'], ...listOf(response['input'])];
  const media: OpaqueContent[] = [];
  const texts = readTexts(event, (content) => media.push(asSound(content)));
  if (media.length > MAX_OPAQUE) throw new RequestError('The event holds too many media.', '');
  const hasAudio = type === AUDIO_APPEND || items.some(bringsAudio);
  const secrets = findSecrets(event);
  const redacted = secrets.length === 0 ? undefined : parseBody(redactBody(body, secrets));
  return {
    type,
    eventId: readEventId(event),
    content: {
      model: named,
      stream: true,
      texts: [...readTargetTexts(target), ...texts],
      ...(redacted && { shown: [...readTargetTexts(target), ...readTexts(redacted, () => {})] }),
      tools: [...new Set([...readTools(session), ...readTools({ ...response, input: items })])],
      schemaKeys: readSchemaKeys({ tools: [session['tools'], response['tools']] }),
      previousResponseId: undefined,
      conversation: undefined,
      callIds: readCallIds({ input: items }),
      opaque: hasAudio && !media.some(({ kind }) => kind === 'audio') ? [...media, SHORT_SOUND] : media,
      elsewhere: countElsewhere(event),
      lines: [],
      outgoing: { contentType: 'application/json', body },
      parameters: readAsked(target, event, named),
      parametersAt: memberOf(type) ?? '',
      secrets,
      secretTexts: secretTexts(event, secrets),
    },
    media,
    namesModel: type === 'session.update' && model !== undefined,
    hasAudio,
    event,
  };
}

/** Sound that is too short to be seen as such, or looks like text, is sound as well: it must not get past a rule about sound. */
const SHORT_SOUND = describeOpaque('', 'audio', '', new Uint8Array());
const SOUND_PLACE = /(?:^|\.)audio$/;

/** Sound of a session has no marks to tell it by: PCM and G.711 are samples and nothing else. Where it stands says what it is. */
function asSound(content: OpaqueContent): OpaqueContent {
  return content.kind === 'other' && SOUND_PLACE.test(content.place)
    ? { ...content, kind: 'audio' }
    : content;
}

/** What a session or response asks of the provider; an item asks nothing, but may name what is kept there. */
function readAsked(target: Target, event: Json, model: string): ParameterReadings {
  const member = memberOf(String(event['type']));
  if (member !== undefined) return readParameters(target.route, target.path, objectOf(event[member]), model);
  const { item } = event;
  return item === undefined ? NOTHING_ASKED : readParameters(target.route, target.path, { item }, '');
}

/**
 * The message for the provider: the event with what policy changes in it, and as `restrain` wants it.
 *
 * @param body the event as it came, or with tokens in the place of values
 * @param edits of what it asks for
 */
export function outgoingMessage(
  message: RealtimeMessage,
  body: Uint8Array,
  edits: readonly JsonEdit[],
  mayHaveAudio: boolean,
): Uint8Array {
  const member = memberOf(message.type);
  if (member === undefined) return body;
  const within = edits.map((edit) => ({ ...edit, path: [member, ...edit.path] }));
  const text = new TextDecoder().decode(body);
  const edited = within.length === 0 ? body : new TextEncoder().encode(editJson(text, within));
  const changed = restrain({ ...message, event: parseBody(edited) }, mayHaveAudio);
  return changed === undefined ? edited : new TextEncoder().encode(JSON.stringify(changed));
}

/**
 * The event as it may go to the provider: without traces that the provider would keep of the session and, unless sound may
 * pass, so that what it asks for is said in text alone, which is what can be masked: sessions and responses speak unless they
 * are told not to. Undefined when nothing had to be changed.
 */
export function restrain({ type, event }: RealtimeMessage, mayHaveAudio: boolean): Json | undefined {
  const member = memberOf(type);
  if (member === undefined) return undefined;
  const asked = objectOf(event[member]);
  const changes = {
    ...((asked['tracing'] ?? null) === null ? {} : { tracing: null }),
    ...(mayHaveAudio || asked['type'] === 'transcription' ? {} : toText(asked)),
  };
  return Object.keys(changes).length === 0 ? undefined : { ...event, [member]: { ...asked, ...changes } };
}

/** The member of an event that asks for something. */
function memberOf(type: string): 'session' | 'response' | undefined {
  if (type === 'session.update') return 'session';
  return type === 'response.create' ? 'response' : undefined;
}

/** What makes a session or a response one of text; nothing where it is. */
function toText(asked: Json): Json {
  return {
    ...(isTextOnly(asked['output_modalities']) ? {} : { output_modalities: TEXT_ONLY }),
    // What compatible servers still call it stands in for it there.
    ...(asked['modalities'] === undefined ? {} : { modalities: TEXT_ONLY }),
  };
}

function isTextOnly(modalities: unknown): boolean {
  return Array.isArray(modalities) && modalities.length === 1 && modalities[0] === 'text';
}

function bringsAudio(item: unknown): boolean {
  return listOf(objectOf(item)['content']).some((part) => {
    const { type, audio } = objectOf(part);
    return type === 'input_audio' || type === 'output_audio' || type === 'audio' || audio !== undefined;
  });
}

function readEventId(event: Json): string | undefined {
  const id = event['event_id'];
  if (id === undefined || id === null) return undefined;
  if (typeof id !== 'string' || id.length > MAX_EVENT_ID_CHARS) {
    throw new RequestError(
      `"event_id" is not a string of ${MAX_EVENT_ID_CHARS} characters at most.`,
      'event_id',
    );
  }
  return id;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
