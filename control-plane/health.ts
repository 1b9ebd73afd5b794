import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Database } from './storage/database.ts';
import { describeOutage } from './storage/outage.ts';
import { AlteredError } from './storage/sealing/altered.ts';
import type { MasterKeys } from './storage/sealing/master-keys.ts';
import { MasterKeyError } from './storage/sealing/seal.ts';

const STORE_CHECK_INTERVAL_MS = 2_000;

/** Where the control plane is in its life. */
export type Phase = 'starting' | 'running' | 'draining';

/** What the probes and the health service tell. */
export class Health {
  #phase: Phase = 'starting';
  #isStoreUp = false;
  #isLogSound = true;
  #witnessesAway: readonly string[] = [];
  readonly #listeners = new Set<() => void>();

  get phase(): Phase {
    return this.#phase;
  }

  /** Whether the store answered when it was last asked. */
  get isStoreUp(): boolean {
    return this.#isStoreUp;
  }

  /** Whether the stored log goes on from what was signed, as far as is known. Nothing is signed while it does not. */
  get isLogSound(): boolean {
    return this.#isLogSound;
  }

  /** Names of witnesses that the newest checkpoint lacks, and that do not cosign. The log goes on without them. */
  get witnessesAway(): readonly string[] {
    return this.#witnessesAway;
  }

  /** Whether calls should be sent here. */
  get isReady(): boolean {
    return this.#phase === 'running' && this.#isStoreUp;
  }

  enter(phase: Phase): void {
    this.#phase = phase;
    this.#tell();
  }

  setStore(isUp: boolean): void {
    if (this.#isStoreUp === isUp) return;
    this.#isStoreUp = isUp;
    this.#tell();
  }

  setLog(isSound: boolean): void {
    if (this.#isLogSound === isSound) return;
    this.#isLogSound = isSound;
    this.#tell();
  }

  setWitnessesAway(names: readonly string[]): void {
    this.#witnessesAway = names;
  }

  /** Calls the listener at each change, until the signal aborts. */
  onChange(listener: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/**
 * Asks the store every few seconds whether it answers, and which master keys there are, until the signal aborts. Logs each change.
 */
export async function watchStore(
  database: Database,
  masterKeys: MasterKeys,
  health: Health,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  let told: string | undefined;
  while (!signal.aborted) {
    const fault = await look(database, masterKeys);
    if (signal.aborted) return;
    if (fault === undefined && !health.isStoreUp) logger.info('the store answers');
    if (fault !== undefined && fault.text !== told) logger.error(fault.about, fault.text);
    told = fault?.text;
    health.setStore(fault === undefined);
    await sleep(STORE_CHECK_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** What keeps this replica from serving; undefined when nothing does. */
async function look(
  database: Database,
  masterKeys: MasterKeys,
): Promise<{ readonly about: object; readonly text: string } | undefined> {
  try {
    await database.ping();
    await masterKeys.look(database);
    return undefined;
  } catch (error) {
    if (error instanceof MasterKeyError || error instanceof AlteredError)
      return { about: { event: 'master_keys_unknown' }, text: `${error.message}; calls fail until then` };
    const servers = describeOutage(error, database.client);
    return { about: { servers }, text: 'the store does not answer; calls fail until it does' };
  }
}
