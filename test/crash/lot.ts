import type { PlaneServer } from '../data-plane/control/plane-server.ts';
import { beginEvents, responseEvents } from '../env/answers.ts';
import { type Behaviour, sendJson } from '../env/provider.ts';
import { type Call, call, MARKER, newMarker } from './caller.ts';
import { World } from './world.ts';

/** What a lot of rounds left, for the judge. */
export interface LotResult {
  readonly rounds: number;
  readonly calls: readonly Call[];
  /** The marker of every request that the provider saw, in order. */
  readonly upstream: readonly string[];
  /** What the control plane was handed in. */
  readonly server: PlaneServer;
}

export interface LotOptions {
  readonly rounds: number;
  /** No round begins after this, by `performance.now()`. */
  readonly untilMs?: number;
  /** From 0 to below 1; the caller's, so that a lot can be run again. */
  readonly random: () => number;
}

const CALLERS = 12;
/** A plane is killed at a random time up to this after its load began. */
const KILL_WITHIN_MS = 400;
/** Between two events of a stream, at most. */
const EVENT_PAUSE_MS = 6;
/** In every so-many-th round the control plane is away, so that records of several runs pile up. */
const AWAY_EVERY = 3;

/**
 * Starts a plane, puts it under load, kills it in the middle, and again, on one state directory. Then it runs once more
 * and hands in everything. Rejects when a plane does not start again.
 */
export async function runLot(options: LotOptions): Promise<LotResult> {
  const { rounds, untilMs = Number.POSITIVE_INFINITY, random } = options;
  const world = await World.start();
  try {
    world.provider.behave(answerSlowly(random));
    const calls: Call[] = [];
    let done = 0;
    for (; done < rounds && performance.now() < untilMs; done += 1) {
      calls.push(...(await runRound(world, done % AWAY_EVERY === 1, random)));
    }
    const last = await world.startPlane();
    await world.untilHandedIn();
    await last.stop();
    return { rounds: done, calls, upstream: world.upstream, server: world.server };
  } finally {
    await world.close();
  }
}

async function runRound(world: World, isAway: boolean, random: () => number): Promise<Call[]> {
  const token = await world.token();
  const plane = await world.startPlane();
  if (isAway) await world.server.stop();
  // The first one waits for the issuer's keys: the time that is drawn is for a plane at work.
  const calls = [await call(world.planeUrl, token, newMarker(), false)];
  const over = new AbortController();
  const load = Array.from({ length: CALLERS }, async () => {
    while (!over.signal.aborted) {
      calls.push(await call(world.planeUrl, token, newMarker(), random() < 0.5));
    }
  });
  await after(random() * KILL_WITHIN_MS);
  over.abort();
  await plane.kill();
  await Promise.all(load);
  if (isAway) await world.server.start();
  return calls;
}

/** Answers whole, or as a stream that takes a while, so that a kill falls into it. */
function answerSlowly(random: () => number): Behaviour {
  return async (request, response) => {
    const { stream } = JSON.parse(request.body) as { stream: boolean };
    const text = `It is done: ${MARKER.exec(request.body)?.[0]}. `.repeat(4);
    if (!stream) {
      await after(random() * EVENT_PAUSE_MS);
      const answer = { id: 'resp_test', object: 'response', status: 'completed', output: [] };
      sendJson(response, 200, { ...answer, output_text: text });
      return;
    }
    beginEvents(response);
    for (const event of responseEvents(text, 12)) {
      response.write(event);
      await after(random() * EVENT_PAUSE_MS);
    }
    response.end();
  };
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
