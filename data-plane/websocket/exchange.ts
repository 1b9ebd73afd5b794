import { GatewayError } from '#core/provider/openai/error.ts';
import { modelNameAt } from '#core/upstream/model-name.ts';
import type { UpstreamGrant } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { tooMuch } from '../budget/budget.ts';
import { type Arrival, CLIENT_GONE, type Received } from '../exchange.ts';
import { recordable } from '../inspect/read.ts';
import { lowSpace, Trail } from '../record/trail.ts';
import { refuse } from '../refuse.ts';
import type { Attempt } from '../upstream/call.ts';
import { SocketAnswer } from './answer.ts';
import type { Incoming } from './caller-socket.ts';
import { authenticateConnection, type Closing, type Connection, closingOf } from './connection.ts';

/** The parts of an exchange that is one message of a connection. */
export interface MessageExchange {
  readonly arrival: Arrival;
  readonly trail: Trail;
  readonly answer: SocketAnswer;
}

/** An exchange that has begun; `leave` must be called at its end. */
export interface EnteredExchange extends MessageExchange {
  readonly leave: () => void;
}

/** How records name what came on a connection, instead of a method. */
const MESSAGE_METHOD = 'WEBSOCKET';

/** Begins an exchange; `leave` must be called at its end. */
export function enterExchange(connection: Connection, route: string): EnteredExchange {
  const { surroundings, request, socket } = connection;
  const { arrivals, parts, revoking } = surroundings;
  const { arrival, abort, leave } = arrivals.enterMessage(request, () => socket.cut(), connection);
  const gone = () => abort(CLIENT_GONE);
  if (socket.gone.aborted) gone();
  socket.gone.addEventListener('abort', gone);
  const asked = { id: arrival.id, method: MESSAGE_METHOD, path: request.url ?? '', route };
  const trail = new Trail(parts.control.recorder, asked);
  const unwatch = revoking.watch(trail.known, abort);
  const answer = new SocketAnswer(arrival.id, arrival.startedMs, socket, (frame, contentType) =>
    trail.keep(frame, contentType),
  );
  return {
    arrival,
    trail,
    answer,
    leave: () => {
      socket.gone.removeEventListener('abort', gone);
      unwatch();
      leave();
      // What the network has not taken of the answer is in memory yet.
      socket.room().then(() => arrival.hold.release());
    },
  };
}

/**
 * Runs one message of a connection as an exchange: whatever is thrown ends it with a refusal, which the caller gets as an
 * `error` event and the record has. Resolves with how the connection is to be closed, where it is.
 */
export async function runExchange(
  connection: Connection,
  route: string,
  run: (exchange: MessageExchange) => Promise<void>,
): Promise<Closing | undefined> {
  const { leave, ...exchange } = enterExchange(connection, route);
  const { arrival, answer, trail } = exchange;
  connection.socket.handOver(arrival.hold);
  try {
    await admitMessage(connection, trail);
    await run(exchange);
    return undefined;
  } catch (thrown) {
    const closing = closingOf(thrown, connection);
    await refuse(thrown, arrival, answer, trail, connection.surroundings.logger);
    return closing;
  } finally {
    leave();
  }
}

/** Lets a message in, before it is read. Throws GatewayError `draining`, `low_space` or one about the token. */
export async function admitMessage(connection: Connection, trail: Trail): Promise<void> {
  const { parts, stopping } = connection.surroundings;
  if (stopping.aborted) throw new GatewayError('draining', 'This plane is stopping; send the request again.');
  trail.known.caller = await authenticateConnection(connection);
  if (parts.control.recorder.lowSpace) throw lowSpace();
}

/** Notes who is asked, each time that another one is. */
export function noteUpstream({ known }: Trail, { content }: Received) {
  return ({ name, spec }: UpstreamGrant, before: readonly Attempt[]): void => {
    known.upstream = name;
    known.upstreamAttempts = before;
    known.upstreamModel = modelNameAt(spec, content.model);
  };
}

/** The bytes of a text message. Throws GatewayError `body_too_large`, `too_much_under_way`, `body_timeout` or `invalid_request`. */
export function requireText(incoming: Incoming, trail: Trail): Uint8Array {
  switch (incoming.kind) {
    case 'too large':
      throw new GatewayError('body_too_large', 'The message is larger than this plane takes.');
    case 'too much':
      throw tooMuch();
    case 'late':
      throw new GatewayError('body_timeout', 'The message did not arrive in time.');
    case 'broken':
      throw new GatewayError('invalid_request', 'What was sent is no message of the WebSocket protocol.');
    case 'binary':
      trail.known.body = incoming.data;
      throw new GatewayError('invalid_request', 'A binary message cannot be read; send JSON as text.');
    case 'text':
      trail.known.body = recordable(incoming.data);
      return incoming.data;
  }
}
