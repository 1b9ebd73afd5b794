import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { refuseConnection } from '#core/policy/evaluate.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import { readParameters } from '#core/provider/openai/parameters/read.ts';
import { renamePath } from '#core/provider/openai/request/rename-model.ts';
import { readTargetTexts, type Target } from '#core/provider/openai/request/target.ts';
import { modelNameAt } from '#core/upstream/model-name.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { UpstreamGrant } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { describeError } from '../../program/log.ts';
import { requireNoBreakGlass } from '../approval/break-glass.ts';
import { requireTrusted } from '../authenticate/revocation.ts';
import { currentSnapshot } from '../control/current.ts';
import { identify } from '../identify.ts';
import { Answer } from '../listener/answer.ts';
import { admitRoute, describeRoute } from '../listener/route.ts';
import { circumstancesOf } from '../policy/circumstances.ts';
import { requireNotDenied } from '../policy/decide.ts';
import { lowSpace, Trail } from '../record/trail.ts';
import { refuse } from '../refuse.ts';
import { CallerSocket } from './caller-socket.ts';
import type { Connection, Surroundings } from './connection.ts';
import { chooseProtocol, readAuthorization, requireHandshake } from './handshake.ts';
import { serveRealtime } from './realtime.ts';
import { serveResponses } from './responses.ts';
import type { Sockets } from './sockets.ts';
import { UpstreamLink } from './upstream-link.ts';

const POLICY_VIOLATION = 1008;
const INTERNAL_ERROR = 1011;
/** A caller who was refused has so long, in milliseconds, to read why and to go. */
const REFUSED_MS = 2_000;

export interface UpgradeOptions extends Surroundings {
  readonly sockets: Sockets;
  /** Bytes in one message of a caller, however many frames it comes in. */
  readonly maxMessageBytes: number;
  /** Milliseconds that one may take. */
  readonly messageMs: number;
}

/** A caller that may have a connection. */
interface Admitted {
  readonly target: Target;
  readonly token: string;
  readonly caller: Caller;
  /** Gives the connection's place back. */
  readonly leave: () => void;
}

/**
 * Makes what takes requests for an upgrade. Until the connection is let in the request is one like any other: its caller is
 * named, its route looked up, policy asked, and a refusal is an answer over HTTP, which is recorded.
 */
export function createUpgrade(options: UpgradeOptions) {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: options.maxMessageBytes,
    handleProtocols: chooseProtocol,
  });
  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Until there is a WebSocket nobody else listens.
    socket.on('error', () => {});
    upgrade(options, server, request, socket, head).catch(() => socket.destroy());
  };
}

async function upgrade(
  options: UpgradeOptions,
  server: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const { arrivals, parts, logger } = options;
  const { method = '', url = '' } = request;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.once('finish', () => {
    socket.end();
    setTimeout(() => socket.destroy(), REFUSED_MS).unref();
  });
  const { arrival, leave } = arrivals.enter(request, response);
  const trail = new Trail(parts.control.recorder, {
    id: arrival.id,
    method,
    path: url,
    route: describeRoute(method, url, 'websocket'),
  });
  const answer = new Answer(arrival.id, arrival.startedMs, response, (frame, contentType) =>
    trail.keep(frame, contentType),
  );
  let admitted: Admitted;
  try {
    admitted = await admit(options, request, answer, trail);
    socket.once('close', admitted.leave);
    if (socket.destroyed) admitted.leave();
    arrival.signal.throwIfAborted();
  } catch (thrown) {
    await refuse(thrown, arrival, answer, trail, logger);
    return;
  } finally {
    leave();
  }
  response.detachSocket(socket as Socket);
  server.handleUpgrade(request, socket, head, (webSocket) => {
    const { maxMessageBytes: maxBytes, messageMs } = options;
    const hold = parts.budget.open(admitted.caller);
    const caller = new CallerSocket(webSocket, socket, { maxBytes, messageMs }, hold);
    const connection: Connection = {
      surroundings: options,
      request,
      target: admitted.target,
      caller: admitted.caller,
      token: admitted.token,
      socket: caller,
      link: new UpstreamLink(pathFor(admitted.target)),
      session: undefined,
    };
    // Also while nothing is asked on it.
    const known = {
      caller: admitted.caller,
      get session() {
        return connection.session === undefined ? undefined : { name: connection.session };
      },
    };
    const close = ({ code }: GatewayError) => caller.close(POLICY_VIOLATION, code);
    webSocket.once('close', options.revoking.watch(known, close));
    serve(connection).catch((fault: unknown) => {
      logger.error({ code: 'internal', fault: describeError(fault) }, 'a connection was closed by a fault');
      caller.close(INTERNAL_ERROR, 'internal');
    });
  });
}

/** What is asked for at a provider: a model by the name that it has there. */
function pathFor(target: Target): (grant: UpstreamGrant) => string {
  const model = target.query.get('model') ?? '';
  return ({ spec }) => {
    const name = modelNameAt(spec, model);
    return name === undefined ? target.path : renamePath(target, name);
  };
}

function serve(connection: Connection): Promise<void> {
  return connection.target.route.id === 'realtime.connect'
    ? serveRealtime(connection)
    : serveResponses(connection);
}

/** The caller is named before the route is looked at, so that a refused route says who tried it. */
async function admit(
  options: UpgradeOptions,
  request: IncomingMessage,
  answer: Answer,
  trail: Trail,
): Promise<Admitted> {
  const { parts, sockets, stopping } = options;
  const { method = '', url = '' } = request;
  if (stopping.aborted) throw new GatewayError('draining', 'This plane is stopping; send the request again.');
  const snapshot = currentSnapshot(parts.control);
  trail.known.policyRevision = snapshot.revision;
  const authorization = readAuthorization(request);
  const { caller, token } = await identify(
    parts.authentication,
    snapshot,
    request,
    authorization,
    answer,
    trail,
  );
  requireTrusted(currentSnapshot(parts.control), { caller });
  const target = admitRoute(method, url, 'websocket');
  requireHandshake(request);
  requireNoBreakGlass(request);
  if (parts.control.recorder.lowSpace) throw lowSpace();
  const model = target.query.get('model') ?? '';
  trail.known.model = model;
  const denied = refuseConnection(snapshot.policies, {
    caller,
    route: target.route.id,
    model,
    stream: true,
    tools: [],
    texts: readTargetTexts(target).map(({ text }) => text),
    findings: {},
    opaque: [],
    parameters: readParameters(target.route, target.path, {}, model),
    circumstances: circumstancesOf(parts.place, parts.sessionTally, '', caller, {}),
  });
  if (denied !== undefined) {
    trail.known.verdict = denied;
    requireNotDenied(denied);
  }
  return { target, token, caller, leave: sockets.enter(caller) };
}
