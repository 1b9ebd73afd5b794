import { GatewayError } from '#core/provider/openai/error.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { planUpstreams } from '../call-upstream.ts';
import { currentSnapshot } from '../control/current.ts';
import type { Exchange, Received } from '../exchange.ts';
import { readContent, recordable } from '../inspect/read.ts';
import { judge, release } from '../pipeline.ts';
import { requireNotDenied, requireSeen } from '../policy/decide.ts';
import { allowsOpaque, opaqueDenied } from '../policy/opaque.ts';
import { refuse } from '../refuse.ts';
import { isRefusal } from '../upstream/dial.ts';
import type { Incoming } from './caller-socket.ts';
import { type Closing, type Connection, closingOf, nextMessage } from './connection.ts';
import { prepareRefusal } from './deliver.ts';
import { admitMessage, type EnteredExchange, enterExchange, noteUpstream, requireText } from './exchange.ts';
import { gatherAudio, isAudio, readInput } from './realtime-input.ts';
import { RealtimeSession } from './realtime-session.ts';

const POLICY_VIOLATION = 1008;
const INTERNAL_ERROR = 1011;
const BAD_GATEWAY = 1014;

/**
 * Serves a Realtime connection to its end. What the caller sends is an exchange, event by event, whose intent is durable
 * before it leaves; so is the opening. What the provider says is delivered in the exchange that is current: until the caller
 * sends the next thing, or a response is done.
 */
export async function serveRealtime(connection: Connection): Promise<void> {
  const { socket, link } = connection;
  try {
    const session = await open(connection);
    if (session === undefined) return;
    const closing = await converse(connection, session);
    await session.end(closing);
    if (closing !== undefined) socket.close(closing.code, closing.reason);
  } finally {
    link.close();
  }
}

/** Connects to the provider; undefined, with the caller told, when that is not to be. */
async function open(connection: Connection): Promise<RealtimeSession | undefined> {
  const { surroundings, target, link, socket } = connection;
  const entered = enterExchange(connection, target.route.id);
  const { arrival, trail, answer } = entered;
  markErrors(entered);
  try {
    await admitMessage(connection, trail);
    const body = new Uint8Array();
    const received = { target, body, content: { ...(await readContent(target, body)), stream: true } };
    const released = await decide(connection, entered, received, false);
    const { parts } = surroundings;
    const plan = planUpstreams(parts, released);
    const onTry = noteUpstream(trail, received);
    const dialled = await link.open(
      parts.upstreams,
      released.snapshot.upstreams,
      plan,
      arrival.signal,
      onTry,
    );
    if (!isRefusal(dialled)) return new RealtimeSession(connection, dialled, released, entered);
    await prepareRefusal(surroundings.parts, dialled, released, answer, trail);
    await trail.conclude(OutcomeStatus.UPSTREAM_FAILED, answer);
    answer.finish();
    socket.close(BAD_GATEWAY, 'upstream_refused');
  } catch (thrown) {
    const isRefused = thrown instanceof GatewayError && thrown.status < 500;
    const closing = closingOf(thrown, connection) ?? {
      code: isRefused ? POLICY_VIOLATION : INTERNAL_ERROR,
      reason: isRefused ? 'refused' : 'internal',
    };
    await refuse(thrown, arrival, answer, trail, surroundings.logger);
    socket.close(closing.code, closing.reason);
  }
  entered.leave();
  return undefined;
}

/** Takes what the caller sends, one after the other, until the connection is to end; undefined when its caller is gone. */
async function converse(connection: Connection, session: RealtimeSession): Promise<Closing | undefined> {
  /** By which policy, and until when, sound was refused: more of it is not refused anew, many times a second. */
  let deaf: { readonly by: bigint | undefined; readonly untilMs: number } | undefined;
  for (;;) {
    const next = await nextMessage(connection, session.over);
    if (next === undefined || !('kind' in next)) return next;
    const revision = connection.surroundings.parts.control.current()?.revision;
    if (deaf !== undefined && deaf.by === revision && Date.now() < deaf.untilMs && isAudio(next)) continue;
    const refused = await take(connection, session, next);
    if (refused === undefined) continue;
    if (refused.closing !== undefined) return refused.closing;
    if (refused.isSound) deaf = { by: revision, untilMs: refused.untilMs };
  }
}

/** What a refusal comes to. */
interface Refused {
  readonly closing: Closing | undefined;
  readonly isSound: boolean;
  /** Until when it is refused by the same policy, in milliseconds since 1970. */
  readonly untilMs: number;
}

/** The way of what a caller sends, as `pass` is that of a request. Resolves with what a refusal comes to. */
async function take(
  connection: Connection,
  session: RealtimeSession,
  incoming: Incoming,
): Promise<Refused | undefined> {
  const { surroundings, target, link, socket } = connection;
  const entered = enterExchange(connection, target.route.id);
  const { arrival, trail, answer } = entered;
  markErrors(entered);
  socket.handOver(arrival.hold);
  const isSound = isAudio(incoming);
  try {
    await admitMessage(connection, trail);
    const body = requireText(incoming, trail);
    const input = isSound ? await gatherAudio(target, body, socket) : readInput(target, body);
    // Of sound that was gathered, the rest.
    socket.handOver(arrival.hold);
    const { received, eventId, hasAudio, media } = input;
    arrival.hold.takeTexts(received.content.texts.length);
    trail.known.body = recordable(received.body, received.content);
    trail.known.asked = media;
    markErrors(entered, eventId);
    session.requireRoom(received.content.secretTexts);
    const released = await decide(connection, entered, received, hasAudio);
    const plan = planUpstreams(surroundings.parts, released);
    if (!link.isTo(plan) || link.grant === undefined) {
      throw new GatewayError('upstream_disconnected', 'The provider was replaced; connect again.');
    }
    noteUpstream(trail, received)(link.grant, []);
    await session.send(
      entered,
      released,
      input.forward(released.verdict, trail.known.upstreamModel, released.tokenized?.outgoing.body),
    );
    return undefined;
  } catch (thrown) {
    const closing = closingOf(thrown, connection);
    await refuse(thrown, arrival, answer, trail, surroundings.logger);
    entered.leave();
    const retryAfterS = thrown instanceof GatewayError ? thrown.retryAfterS : undefined;
    const untilMs = retryAfterS === undefined ? Number.POSITIVE_INFINITY : Date.now() + retryAfterS * 1_000;
    return { closing, isSound, untilMs };
  }
}

/** Has policy decide, makes the intent durable, and holds what a reviewer has to see. */
async function decide(
  connection: Connection,
  { arrival, trail, answer }: EnteredExchange,
  received: Received,
  hasAudio: boolean,
): Promise<Exchange> {
  const { parts } = connection.surroundings;
  trail.known.model = received.content.model;
  trail.known.stream = true;
  const caller = trail.known.caller as Caller;
  const judged = await judge(parts, currentSnapshot(parts.control), caller, arrival, received, trail);
  connection.session ??= judged.session.name;
  requireNotDenied(judged.verdict);
  if (hasAudio && !allowsOpaque(judged.verdict, 'audio')) throw opaqueDenied('audio');
  requireSeen(judged);
  const released = await release(parts, judged, answer, trail);
  if (hasAudio && !allowsOpaque(released.verdict, 'audio')) throw opaqueDenied('audio');
  return released;
}

/** Realtime wants an id on each event, and in an error the id of the event that it is about. */
function markErrors({ arrival, answer }: EnteredExchange, eventId?: string): void {
  answer.marks = { ownId: `event_${arrival.id}`, eventId };
}
