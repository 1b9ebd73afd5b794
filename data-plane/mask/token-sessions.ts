import { createHmac } from 'node:crypto';
import { TokenMap } from '#core/phi/token/token-map.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { CompiledSnapshot } from '../control/snapshot.ts';

/** Of all sessions together, values and ways in which they were written; at about 200 bytes each, some 40 MB. */
const MAX_VALUES = 200_000;
/** What a session takes beside its values, in values. */
const SESSION_VALUES = 5;
/** Sessions without room, from so many on looked at whether anybody has them still. */
const MIN_LEFT = 1_000;
/** Milliseconds. A session that was quiet for so long has no values in memory any more; docs/policy.md says so. */
export const FORGOTTEN_AFTER_MS = 30 * 60 * 1000;

interface Session {
  /** `sessions/{id}`. */
  readonly name: string;
  readonly map: TokenMap;
  usedMs: number;
}

/**
 * The values that tokens stand for, by session and caller: in memory, and only there. A session that was quiet is forgotten, and
 * so are those that were quiet longest when there are too many values. What a request repeats is known again by that.
 */
export class TokenSessions {
  /** Those that were opened last are at the end. */
  readonly #sessions = new Map<string, Session>();
  readonly #maxValues: number;
  readonly #forgottenAfterMs: number;
  /** Those that have no room here any more. */
  #left: { readonly name: string; readonly map: WeakRef<TokenMap> }[] = [];
  #maxLeft = MIN_LEFT;
  #values = 0;
  #applied: Pick<CompiledSnapshot, 'epoch' | 'revision'> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(maxValues = MAX_VALUES, forgottenAfterMs = FORGOTTEN_AFTER_MS) {
    this.#maxValues = maxValues;
    this.#forgottenAfterMs = forgottenAfterMs;
  }

  /**
   * The tokens of a session of a caller; undefined without a key, since anybody could make tokens then.
   * @param key that of the deployment
   * @param name `sessions/{id}`
   */
  open(key: Uint8Array, caller: Pick<Caller, 'issuer' | 'subject'>, name: string): TokenMap | undefined {
    if (key.length === 0) return undefined;
    const own = createHmac('sha256', key)
      .update(['sworn tokens v1', caller.issuer, caller.subject, name].join('\0'))
      .digest();
    const id = own.toString('base64');
    const known = this.#sessions.get(id);
    const map = known?.map ?? new TokenMap(own, () => this.#onNew(id, map));
    this.#sessions.delete(id);
    this.#sessions.set(id, { name, map, usedMs: performance.now() });
    if (known === undefined) this.#add(SESSION_VALUES);
    this.#timer ??= setTimeout(() => this.#forget(), this.#forgottenAfterMs).unref();
    return map;
  }

  /**
   * Forgets the sessions of which a snapshot says for the first time that content was erased: all of them, where it may have
   * left some out. Whatever is under way with one of them knows its values no more.
   */
  apply({ epoch, revision, forgotten }: Pick<CompiledSnapshot, 'epoch' | 'revision' | 'forgotten'>): void {
    const before = this.#applied;
    this.#applied = { epoch, revision };
    // Nothing was known before the first one.
    if (before === undefined) return;
    const isWhole = before.epoch === epoch && before.revision >= forgotten.since;
    const named = forgotten.sessions.filter((one) => one.revision > before.revision);
    const names = new Set(named.map(({ session }) => session));
    if (isWhole && names.size === 0) return;
    for (const [id, { name, map }] of this.#sessions) {
      if (isWhole && !names.has(name)) continue;
      this.#remove(id);
      map.forget();
    }
    for (const { name, map } of this.#left) if (!isWhole || names.has(name)) map.deref()?.forget();
  }

  /** An exchange may go on with a session that was forgotten meanwhile; it takes no room here any more. */
  #onNew(id: string, map: TokenMap): void {
    if (this.#sessions.get(id)?.map === map) this.#add(1);
  }

  #add(values: number): void {
    this.#values += values;
    for (const id of this.#sessions.keys()) {
      if (this.#values <= this.#maxValues) return;
      this.#drop(id);
    }
  }

  /** An exchange that is under way may have it still. */
  #drop(id: string): void {
    const session = this.#remove(id);
    if (session === undefined) return;
    this.#left.push({ name: session.name, map: new WeakRef(session.map) });
    if (this.#left.length < this.#maxLeft) return;
    this.#left = this.#left.filter(({ map }) => map.deref() !== undefined);
    this.#maxLeft = MIN_LEFT + 2 * this.#left.length;
  }

  #remove(id: string): Session | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    this.#values -= session.map.size + SESSION_VALUES;
    this.#sessions.delete(id);
    return session;
  }

  /** Forgets what was quiet for too long, and comes again when the next one is. */
  #forget(): void {
    this.#timer = undefined;
    const nowMs = performance.now();
    for (const [id, { usedMs }] of this.#sessions) {
      const leftMs = usedMs + this.#forgottenAfterMs - nowMs;
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.#forget(), leftMs).unref();
        return;
      }
      this.#drop(id);
    }
  }
}
