import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { listAlive } from '../storage/replicas.ts';
import type { MasterKeys } from '../storage/sealing/master-keys.ts';
import { currentOf } from '../storage/sealing/ring.ts';
import { PARTS } from './parts.ts';

/** How often something that is waited for is looked at. */
const POLL_MS = 500;
/** They look every two seconds. */
const GRACE_MS = 6_000;
/** Each pass finds what was sealed during the one before, by a replica that did not know yet. */
const MAX_PASSES = 10;

/** What a command of master keys works with. */
export interface Operation {
  readonly context: Context;
  readonly masterKeys: MasterKeys;
  /** Says something on the way. */
  readonly say: (words: string) => void;
  /** Ends what waits, and what seals anew after its batch. */
  readonly signal: AbortSignal;
  /** What is waited for is said after so long: what control planes do by themselves they do within GRACE_MS. */
  readonly graceMs?: number;
}

/** A command of master keys that cannot do what it was told. The message says what to do. */
export class MasterKeyRefusal extends Error {
  override readonly name = 'MasterKeyRefusal';
}

/** `masterKeys/{id}`. */
export function masterKeyName(id: string): string {
  return `masterKeys/${id}`;
}

/** Looks at the keys, all of which have to be here. @throws MasterKeyRefusal */
export async function lookAtKeys({ context, masterKeys }: Operation): Promise<void> {
  await masterKeys.look(context.database);
  const [missing] = masterKeys.missing;
  if (missing !== undefined) throw new MasterKeyRefusal(masterKeys.describeMissing(missing));
}

/** Waits until something is so; says what is waited for where it takes long. @param check what that is; undefined where it is so */
export async function waitFor(
  { say, signal, graceMs = GRACE_MS }: Operation,
  check: () => Promise<string | undefined>,
): Promise<void> {
  const sayMs = performance.now() + graceMs;
  let told: string | undefined;
  for (;;) {
    const wanted = await check();
    if (wanted === undefined) return;
    if (wanted !== told && performance.now() > sayMs) {
      say(wanted);
      told = wanted;
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Waits until every replica that runs seals with the key in force. */
export function waitForReplicas(operation: Operation): Promise<void> {
  const { context, masterKeys } = operation;
  const { id } = currentOf(masterKeys.ring);
  return waitFor(operation, async () => {
    const late = (await listAlive(context.database.db)).filter(({ current }) => current !== id);
    return late.length === 0 ? undefined : `waiting for ${describe(late)} to seal with it`;
  });
}

/** Replicas by the names of their machines. */
export function describe(replicas: readonly { readonly _id: string; readonly host: string }[]): string {
  return replicas.map(({ _id, host }) => `the control plane on ${host} (${_id})`).join(' and ');
}

/**
 * Seals everything anew with the key in force, pass by pass, until one finds nothing.
 * @returns what was altered, and stays as it is
 * @throws AlteredError where a roster is at fault
 */
export async function resealAll(operation: Operation): Promise<readonly string[]> {
  for (let pass = 1; pass <= MAX_PASSES; pass++) {
    const { count, passedOver } = await resealOnce(operation);
    if (count === 0) return passedOver;
  }
  throw new MasterKeyRefusal(
    'something still seals with an older key; look whether every control plane runs this version, then do it again',
  );
}

async function resealOnce({
  context,
  say,
  signal,
}: Operation): Promise<{ count: number; passedOver: string[] }> {
  let all = 0;
  const passedOver: string[] = [];
  for (const { name, reseal } of PARTS) {
    let count = 0;
    for await (const batch of reseal(context.database)) {
      count += batch.count;
      passedOver.push(...batch.passedOver);
      signal.throwIfAborted();
    }
    if (count > 0) say(`${name}: ${count} sealed anew`);
    all += count;
  }
  return { count: all, passedOver };
}
