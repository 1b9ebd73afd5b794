import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { isLoopback } from '#core/endpoint/read.ts';
import { createDetector } from '#core/phi/detect.ts';
import { warmUp } from '#core/phi/warm-up.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import { startLocked } from '../program/state-lock.ts';
import { createAuthenticator } from './authenticate/authenticate.ts';
import { DpopCheck } from './authenticate/dpop/check.ts';
import { Revoking } from './authenticate/revocation.ts';
import { ByteBudget } from './budget/budget.ts';
import type { DataPlaneSettings } from './config/settings.ts';
import { startControl } from './control/control.ts';
import { createExternalDetector } from './detector/external.ts';
import { KnownTexts } from './detector/known-texts.ts';
import { SessionFinder } from './inspect/session.ts';
import { Contexts } from './limit/contexts.ts';
import { Ledger } from './limit/ledger.ts';
import { Answer } from './listener/answer.ts';
import { Arrivals } from './listener/arrivals.ts';
import { answerHealth } from './listener/health.ts';
import { describeRoute } from './listener/route.ts';
import { listen } from './listener/server.ts';
import { MaskSessions } from './mask/sessions.ts';
import { TokenSessions } from './mask/token-sessions.ts';
import type { Parts } from './parts.ts';
import { pass } from './pipeline.ts';
import { SessionTally } from './policy/session-tally.ts';
import { Trail } from './record/trail.ts';
import { refuse } from './refuse.ts';
import { Upstreams } from './upstream/call.ts';
import { VERSION } from './version.ts';
import { Sockets } from './websocket/sockets.ts';
import { createUpgrade } from './websocket/upgrade.ts';

/** A running data plane. */
export interface DataPlane {
  /** `http://host:port`, without a path. */
  readonly url: string;
  /** `planes/{id}`. */
  readonly name: string;
  /** Drains: refuses new requests, finishes running ones up to the deadline, flushes the spool, stops. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly logger: Logger;
  /** Ends the wait for a control plane that does not answer. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Enrols where needed, opens the spool and starts to serve.
 * Throws when another process runs on the state directory, the plane cannot be enrolled, its state cannot be read or the
 * address is taken.
 */
export function startDataPlane(settings: DataPlaneSettings, options: StartOptions): Promise<DataPlane> {
  return startLocked(settings.stateDirectory, 'data plane', () => start(settings, options));
}

async function start(settings: DataPlaneSettings, { logger, signal }: StartOptions): Promise<DataPlane> {
  const detector = createDetector();
  warmUp(detector);
  const revoking = new Revoking();
  const tokenSessions = new TokenSessions();
  const region = (settings.region ?? '').slice(0, MAX_REGION_LENGTH);
  const upstreams = new Upstreams({
    limits: {
      connectTimeoutMs: settings.upstreamConnectTimeout,
      headersTimeoutMs: settings.upstreamHeadersTimeout,
      idleTimeoutMs: settings.upstreamIdleTimeout,
      maxConnections: settings.upstreamConnections,
    },
    region,
    workloadIdentityFile: settings.workloadIdentityFile,
  });
  const external =
    settings.externalDetector &&
    createExternalDetector({
      url: settings.externalDetector,
      timeoutMs: settings.externalDetectorTimeout,
      logger,
    });
  const ledger = new Ledger();
  const control = await startControl({
    ledger,
    onApplied: (snapshot) => {
      revoking.apply(snapshot);
      tokenSessions.apply(snapshot);
      upstreams.apply(snapshot.upstreams);
    },
    onRevoked: () => upstreams.apply([]),
    controlPlane: settings.controlPlane,
    ca: settings.controlPlaneCa,
    joinToken: settings.joinToken,
    stateDirectory: settings.stateDirectory,
    maxStalenessMs: settings.maxStaleness,
    spoolMinFree: settings.spoolMinFree,
    version: VERSION,
    region,
    upstreamHealth: (grants) => upstreams.report(grants),
    detectorFault: () => external?.fault ?? '',
    detector,
    logger,
    signal,
  });
  // By default its own, once it is known, which on loopback is the one that callers use.
  let publicUrls: readonly string[] = settings.publicUrl;
  const parts: Parts = {
    control,
    authentication: {
      authenticator: createAuthenticator({ logger }),
      dpop: new DpopCheck({ publicUrls: () => publicUrls, requireNonce: settings.dpopNonce }),
    },
    external,
    knownTexts: new KnownTexts(),
    sessions: new SessionFinder(),
    maskSessions: new MaskSessions(),
    tokenSessions,
    sessionTally: new SessionTally(),
    ledger,
    contexts: new Contexts(),
    place: { region, labels: settings.labels },
    upstreams,
    budget: new ByteBudget(settings.bodyBudget),
    bodyLimits: { maxBytes: settings.maxBody, timeoutMs: settings.bodyTimeout },
    holdTimes: {
      headersMs: settings.holdHeaders,
      commentMs: settings.holdComments,
      wholeMs: settings.holdWhole,
      controlMs: CONTROL_CALL_MS,
    },
  };
  const arrivals = new Arrivals(parts.budget);
  let draining = false;

  const canRecord = () => control.recorder.failure === undefined && !control.recorder.lowSpace;
  const health = () => ({
    started: true,
    ready: !draining && control.current() !== undefined && canRecord(),
    details: {
      plane: control.plane,
      revision: String(control.current()?.revision ?? 'none'),
      connected: control.connected,
      draining,
      spoolDepth: control.recorder.depth,
      recording: canRecord(),
      lowSpace: control.recorder.lowSpace,
      spoolReadable: control.recorder.readFailure === undefined,
      suspendedEpochs: control.recorder.suspended,
      receipts: control.receiptFault?.code ?? 'ok',
      ...(external && { externalDetector: external.fault || 'ok' }),
      bytesUnderWay: parts.budget.underWay,
      tooMuchUnderWay: parts.budget.refusals,
    },
  });

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '' } = request;
    if (method === 'GET' && answerHealth(url, health, response)) return;
    const { arrival, abort, leave } = arrivals.enter(request, response);
    const asked = { id: arrival.id, method, path: url, route: describeRoute(method, url) };
    const trail = new Trail(control.recorder, asked);
    const unwatch = revoking.watch(trail.known, abort);
    const answer = new Answer(arrival.id, arrival.startedMs, response, (frame, contentType) =>
      trail.keep(frame, contentType),
    );
    try {
      if (draining) throw new GatewayError('draining', 'This plane is stopping; send the request again.');
      await pass(parts, arrival, answer, trail);
    } catch (thrown) {
      await refuse(thrown, arrival, answer, trail, logger);
    } finally {
      unwatch();
      leave();
    }
  };

  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  const upgrade = createUpgrade({
    parts,
    arrivals,
    revoking,
    logger,
    sockets: new Sockets(settings.maxConnections),
    maxMessageBytes: settings.maxBody,
    messageMs: settings.bodyTimeout,
    idleMs: settings.connectionIdle,
    stopping: stopping.signal,
  });
  const listener = await listen(
    {
      host: settings.listen.host,
      port: settings.listen.port,
      tls: settings.tls,
      clientCa: settings.tlsClientCa,
      maxConnections: MAX_CONNECTIONS + settings.maxConnections,
    },
    (request, response) => {
      serve(request, response).catch(() => response.destroy());
    },
    upgrade,
  ).catch(async (error: unknown) => {
    await control.close({ deadlineMs: 0 });
    throw error;
  });
  const scheme = settings.tls === undefined ? 'http' : 'https';
  const host = settings.listen.host.includes(':') ? `[${settings.listen.host}]` : settings.listen.host;
  const url = `${scheme}://${host}:${listener.port}`;
  if (publicUrls.length === 0 && isLoopback(settings.listen.host)) {
    publicUrls = [url, `${scheme}://localhost:${listener.port}`];
  }
  logger.info({ url, plane: control.plane }, 'serving');
  return {
    url,
    name: control.plane,
    close: async () => {
      draining = true;
      stopping.abort();
      listener.stop();
      await arrivals.drain(settings.drainDeadline);
      if (arrivals.size > 0)
        logger.error({ exchanges: arrivals.size }, 'exchanges did not end when they were cut off');
      await upstreams.close();
      await control.close({ deadlineMs: FLUSH_MS });
      await listener.close();
    },
  };
}

/** Beside WebSockets, whose number is a setting. */
const MAX_CONNECTIONS = 10_000;
/** From plane_service.proto. */
const MAX_REGION_LENGTH = 100;
/** For one call to the control plane on behalf of a held request. */
const CONTROL_CALL_MS = 10_000;
/** What is not handed in by then stays in the spool for the next start. */
const FLUSH_MS = 5_000;
