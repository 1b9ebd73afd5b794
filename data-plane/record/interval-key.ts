import { KEY_BYTES } from '#core/evidence/seal/cipher.ts';
import { createIntervalKey, type IntervalKey } from '#core/evidence/seal/interval-key.ts';
import type { EvidenceKey } from '#proto/sworn/plane/v1/snapshot_pb.ts';

import type { Soon } from './exchange-seal.ts';
import { takeRandom } from './random.ts';

/** From evidence.md: an interval key wraps the keys of so many exchanges at most, and lives so long. */
const MAX_EXCHANGES = 1_000;
const LIFETIME_MS = 60_000;
/** The next one is made ahead, so that no request waits for the 0.7 ms that it takes. */
const RENEW_EXCHANGES = 500;
const RENEW_MS = 45_000;

interface Current extends IntervalKey {
  readonly evidenceKey: EvidenceKey;
  /** By `performance.now()`. */
  readonly madeMs: number;
  used: number;
}

/** The interval keys of this plane, one after the other, sealed to the evidence key of its configuration. */
export class IntervalKeys {
  #evidenceKey: EvidenceKey | undefined;
  #current: Current | undefined;
  #renewal: NodeJS.Timeout | undefined;
  #renewing: Promise<void> | undefined;

  /**
   * Seals to this key from now on: resolves when there is an interval key for it, until when the one before serves.
   * Rejects with an EvidenceError when nothing can be sealed to it, and then goes on as before.
   */
  async use(evidenceKey: EvidenceKey): Promise<void> {
    if (evidenceKey.id === this.#evidenceKey?.id) return;
    const made = await make(evidenceKey);
    this.#evidenceKey = evidenceKey;
    this.#replace(made);
  }

  /** The key for one more exchange. A promise only when none could be made ahead; undefined without an evidence key. */
  take(): Soon<IntervalKey | undefined> {
    const current = this.#current;
    if (current === undefined) return undefined;
    const isOver = current.used >= MAX_EXCHANGES || performance.now() - current.madeMs >= LIFETIME_MS;
    if (isOver) return this.#renew().then(() => this.take());
    current.used += 1;
    if (current.used === RENEW_EXCHANGES) this.#renewAhead();
    return current;
  }

  /** Forgets the keys. */
  close(): void {
    clearTimeout(this.#renewal);
    this.#evidenceKey = undefined;
    this.#current = undefined;
  }

  /** Whoever waits shares one. */
  #renew(): Promise<void> {
    this.#renewing ??= this.#make().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #make(): Promise<void> {
    if (this.#evidenceKey === undefined) return;
    const made = await make(this.#evidenceKey);
    // Another evidence key may have come meanwhile.
    if (made.evidenceKey === this.#evidenceKey) this.#replace(made);
  }

  /** A failure shows when the key is over: whoever takes then makes one, and is told. */
  #renewAhead(): void {
    this.#renew().catch(() => undefined);
  }

  #replace(made: Current): void {
    this.#current = made;
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => this.#renewAhead(), RENEW_MS).unref();
  }
}

async function make(evidenceKey: EvidenceKey): Promise<Current> {
  const madeMs = performance.now();
  const secret = takeRandom(KEY_BYTES);
  try {
    const key = await createIntervalKey(secret, toJwk(evidenceKey));
    return { ...key, evidenceKey, madeMs, used: 0 };
  } finally {
    secret.fill(0);
  }
}

function toJwk({ id, publicKey }: EvidenceKey) {
  return { kty: 'OKP', crv: 'X25519', x: Buffer.from(publicKey).toString('base64url'), kid: id };
}
