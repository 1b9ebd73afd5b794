import { createHmac } from 'node:crypto';
import { TokenMap } from '#core/phi/token/token-map.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';

/** Of all sessions together, values and ways in which they were written; at about 200 bytes each, some 40 MB. */
const MAX_VALUES = 200_000;
/** What a session takes beside its values, in values. */
const SESSION_VALUES = 5;
/** Milliseconds. A session that was quiet for so long has no values in memory any more; docs/policy.md says so. */
export const FORGOTTEN_AFTER_MS = 30 * 60 * 1000;

interface Session {
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
  #values = 0;
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
    this.#sessions.set(id, { map, usedMs: performance.now() });
    if (known === undefined) this.#add(SESSION_VALUES);
    this.#timer ??= setTimeout(() => this.#forget(), this.#forgottenAfterMs).unref();
    return map;
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

  #drop(id: string): void {
    this.#values -= (this.#sessions.get(id)?.map.size ?? 0) + SESSION_VALUES;
    this.#sessions.delete(id);
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
