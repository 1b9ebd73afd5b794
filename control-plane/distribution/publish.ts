import { setTimeout as sleep } from 'node:timers/promises';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { describeError } from '../../program/log.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';
import { readSnapshotHead } from '../storage/configuration/heads.ts';
import { AlteredError } from '../storage/sealing/altered.ts';
import { type BuiltSnapshot, buildSnapshot } from './build.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { loadSigningKey, type SigningKey } from './signing-key.ts';

/** Changes that follow each other within this become one snapshot. */
const BUILD_INTERVAL_MS = 100;

/** A snapshot counts as the newest for so long after the store was read: hints come every few seconds, an election takes less. */
const NEWEST_FOR_MS = 30_000;

/** The newest snapshot and those who wait for the next one. */
export interface Publisher {
  /** The newest built one, also while the store is down; undefined before the first. */
  current(): BuiltSnapshot | undefined;
  /**
   * Why nobody may say that the last built one is the newest: something keeps a newer one from being built until an admin mends it,
   * or the store was not read for too long. Undefined when it is.
   */
  fault(): Error | undefined;
  /** Whether anything newer is in the store: builds it once and hands it to every subscriber. Never throws. */
  refresh(): void;
  /**
   * What the store has now, read after this call began; the last built one when the store does not answer.
   * Callers that come while one read runs share the next. Never throws.
   */
  newest(): Promise<BuiltSnapshot | undefined>;
  /** An outbox that gets every newer snapshot, latest wins. */
  subscribe(): Outbox<BuiltSnapshot>;
  unsubscribe(outbox: Outbox<BuiltSnapshot>): void;
  /** The key that signs. Throws when the store does not answer and it was never read. */
  key(): Promise<SigningKey>;
}

/** A publisher that has built nothing yet; call `refresh` at each hint. */
export function createPublisher(context: Context): Publisher {
  const subscribers = new Set<Outbox<BuiltSnapshot>>();
  let built: BuiltSnapshot | undefined;
  let key: SigningKey | undefined;
  let fault: AlteredError | undefined;
  let knownMs = Number.NEGATIVE_INFINITY;
  let isRunning = false;
  let isWanted = false;
  let running: Promise<void> = Promise.resolve();
  let following: Promise<void> | undefined;

  const loadKey = async (): Promise<SigningKey> => {
    key ??= await loadSigningKey(context, 'snapshot');
    return key;
  };

  async function build(): Promise<void> {
    const head = await readSnapshotHead(context.database);
    if (built !== undefined && built.epoch === head?.epoch && head.revision === built.revision) return;
    // A lower revision is an old answer of a store in the middle of an election, or one that was set back: this tells.
    const next = await buildSnapshot(context, await loadKey());
    if (next === undefined) return;
    built = next;
    // Nothing is awaited here: a subscriber that does not read must not hold up the others.
    for (const subscriber of subscribers) subscriber.put(next);
    const { epoch, revision } = next;
    context.logger.info(
      { epoch, revision: String(revision), subscribers: subscribers.size },
      'snapshot published',
    );
  }

  /** One build after the other; never rejects. */
  function buildNext(): Promise<void> {
    following ??= running.then(async () => {
      following = undefined;
      const startMs = performance.now();
      try {
        await build();
        fault = undefined;
        knownMs = startMs;
      } catch (error) {
        if (error instanceof AlteredError) fault = error;
        const about = {
          ...describeError(error),
          ...(fault && { fault: fault.message }),
        };
        context.logger.warn(about, 'no snapshot built; the last one stays');
      }
    });
    running = following;
    return following;
  }

  async function run(): Promise<void> {
    isRunning = true;
    while (isWanted && !context.shutdown.aborted) {
      isWanted = false;
      await buildNext();
      await sleep(BUILD_INTERVAL_MS, undefined, { signal: context.shutdown }).catch(() => undefined);
    }
    isRunning = false;
  }

  return {
    current: () => built,
    fault: () => (performance.now() - knownMs > NEWEST_FOR_MS ? (fault ?? unknown()) : fault),
    refresh() {
      isWanted = true;
      if (!isRunning) void run();
    },
    async newest() {
      await buildNext();
      return built;
    },
    subscribe() {
      const outbox = createOutbox<BuiltSnapshot>();
      subscribers.add(outbox);
      return outbox;
    },
    unsubscribe: (outbox) => void subscribers.delete(outbox),
    key: loadKey,
  };
}

function unknown(): Error {
  return fail(Reason.STORE_UNAVAILABLE, 'this replica has not read for long what the newest snapshot is');
}
