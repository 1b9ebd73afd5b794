import { readResponsesMessage } from '#core/provider/openai/request/client-message.ts';
import { prepareRequest } from '#core/provider/openai/request/rename-model.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { planUpstreams } from '../call-upstream.ts';
import { currentSnapshot } from '../control/current.ts';
import type { Exchange, Received } from '../exchange.ts';
import { readMessageInTurns, recordable } from '../inspect/read.ts';
import { waysOf } from '../mask/ways.ts';
import { judge, release } from '../pipeline.ts';
import { requireNotDenied, requireSeen } from '../policy/decide.ts';
import type { Trail } from '../record/trail.ts';
import { rememberAnswer } from '../remember.ts';
import type { UpstreamSocket } from '../upstream/dial.ts';
import type { SocketAnswer } from './answer.ts';
import type { Incoming } from './caller-socket.ts';
import { type Connection, nextMessage } from './connection.ts';
import { deliverMessages, prepareRefusal } from './deliver.ts';
import { type MessageExchange, noteUpstream, requireText, runExchange } from './exchange.ts';

/** What is sent on a Responses connection is what is sent to this route, and is judged as such. */
const TARGET = readTarget('POST', '/responses') as Target;

/**
 * Serves a Responses connection to its end, message by message: each is an exchange of its own, with all that `pass` does to
 * `POST /responses`, and the next one is read when it is over. Lanes (`stream_id`) are served one after the other.
 */
export async function serveResponses(connection: Connection): Promise<void> {
  const { socket, link } = connection;
  /** The response before, where an error ended it: that it failed may come late, and is not the next one's failure. */
  let broken: string | undefined;
  try {
    for (;;) {
      const next = await nextMessage(connection);
      if (next === undefined) return;
      if (!('kind' in next)) return socket.close(next.code, next.reason);
      const closing = await runExchange(connection, TARGET.route.id, async (exchange) => {
        broken = await passMessage(connection, next, exchange, broken);
      });
      if (closing !== undefined) return socket.close(closing.code, closing.reason);
    }
  } finally {
    link.close();
  }
}

/** The way of a message, as `pass` is that of a request. Resolves with the id of a response that an error ended. */
async function passMessage(
  connection: Connection,
  incoming: Incoming,
  { arrival, trail, answer }: MessageExchange,
  broken: string | undefined,
): Promise<string | undefined> {
  const { parts } = connection.surroundings;
  const received = await receive(incoming, answer, trail);
  arrival.hold.takeTexts(received.content.texts.length);
  const caller = trail.known.caller as Caller;
  const judged = await judge(parts, currentSnapshot(parts.control), caller, arrival, received, trail);
  connection.session ??= judged.session.name;
  requireNotDenied(judged.verdict);
  requireSeen(judged);
  const released = await release(parts, judged, answer, trail);
  let leave: (() => void) | undefined;
  try {
    const upstream = await openUpstream(connection, released, answer, trail);
    if (upstream === undefined) return undefined;
    leave = await enterUpstream(connection, released);
    await send(upstream, released, trail);
    return await handOn(connection, upstream, released, answer, trail, broken);
  } catch (error) {
    // What the provider says yet of this response must not be taken for the next one's.
    connection.link.close();
    throw error;
  } finally {
    leave?.();
  }
}

async function receive(incoming: Incoming, answer: SocketAnswer, trail: Trail): Promise<Received> {
  const body = requireText(incoming, trail);
  const { content, streamId } = await readMessageInTurns(readResponsesMessage(TARGET, body));
  answer.marks = { streamId };
  trail.known.body = recordable(body, content);
  trail.known.asked = content.opaque;
  trail.known.model = content.model;
  trail.known.stream = true;
  return { target: TARGET, body, content };
}

/** The connection to the provider; undefined when it does not take one, of which the caller is then told. */
async function openUpstream(
  { link, surroundings }: Connection,
  exchange: Exchange,
  answer: SocketAnswer,
  trail: Trail,
): Promise<UpstreamSocket | undefined> {
  const { upstreams } = surroundings.parts;
  const { snapshot, received, arrival } = exchange;
  const plan = planUpstreams(surroundings.parts, exchange);
  const onTry = noteUpstream(trail, received);
  const dialled = await link.open(upstreams, snapshot.upstreams, plan, arrival.signal, onTry);
  if ('status' in dialled) {
    await prepareRefusal(surroundings.parts, dialled, exchange, answer, trail);
    await trail.conclude(OutcomeStatus.UPSTREAM_FAILED, answer);
    answer.finish();
    return undefined;
  }
  return dialled;
}

/** Takes a place of those that the provider has for requests; whoever has it gives it back by what this resolves with. */
async function enterUpstream({ link, surroundings }: Connection, exchange: Exchange): Promise<() => void> {
  const { snapshot, arrival } = exchange;
  if (link.grant === undefined) throw new TypeError('the connection is open');
  return surroundings.parts.upstreams.enter(snapshot.upstreams, link.grant, arrival.signal);
}

async function send(upstream: UpstreamSocket, exchange: Exchange, { known }: Trail): Promise<void> {
  const { received, verdict, arrival, tokenized } = exchange;
  known.upstreamRequestId = upstream.requestId;
  upstream.drop();
  const before = upstream.cameBytes;
  known.call = { startedMs: performance.now(), bytes: () => upstream.cameBytes - before };
  const { target, content } = received;
  const sent = prepareRequest(target, tokenized ?? content, verdict.edits, known.upstreamModel);
  await upstream.send(sent.body, arrival.signal);
}

async function handOn(
  connection: Connection,
  upstream: UpstreamSocket,
  exchange: Exchange,
  answer: SocketAnswer,
  trail: Trail,
  broken: string | undefined,
): Promise<string | undefined> {
  const { parts } = connection.surroundings;
  const { arrival } = exchange;
  const ways = waysOf(parts, exchange, upstream.credentials);
  trail.known.answered = ways.gate;
  const onReading = (reading: Trail['known']['reading']) => {
    if (reading !== undefined) trail.known.reading = reading;
  };
  const delivery = { upstream, arrival, ways, answer, onReading, broken };
  const delivered = await deliverMessages(delivery).finally(() => {
    if (ways.look?.failure !== undefined) trail.known.externalMissing = true;
  });
  const { facts } = delivered;
  rememberAnswer(parts, exchange, facts, trail);
  await trail.conclude(facts.failed ? OutcomeStatus.UPSTREAM_FAILED : OutcomeStatus.COMPLETED, answer);
  answer.finish();
  return delivered.broken ? facts.responseId : undefined;
}
