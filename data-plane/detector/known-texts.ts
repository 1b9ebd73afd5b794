import { createHash, type Hash, randomBytes } from 'node:crypto';
import type { Detector } from '#core/phi/detect.ts';
import type { EntityName } from '#core/phi/entities.ts';
import type { Finding } from '#core/phi/finding.ts';
import type { TextScan } from '#core/phi/text-scan.ts';
import { Recent } from '#core/recent/recent.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';

/** Texts and findings that are remembered for each detector; at about 150 bytes each, some 15 MB. */
const MAX_REMEMBERED = 100_000;
/** UTF-16 units: what is shorter is as soon read; what is longer is read piece by piece, so that others have their turn. */
const MIN_CHARACTERS = 100;
const MAX_CHARACTERS = 128 * 1024;
/** A block of SHA-256. */
const KEY_BYTES = 64;
const NO_FINDINGS: readonly Finding[] = [];

/**
 * What was found in the texts of prompts. An agent sends its whole conversation again with every turn; only what is new in
 * it has to be read. Kept are keyed digests and places, never text, and for each caller apart: how long a request takes
 * must not tell anybody what others have sent.
 */
export class KnownTexts {
  /** When the identifiers of policies change there is another detector: what the one before has found goes with it. */
  readonly #byDetector = new WeakMap<Detector, Memory>();
  readonly #keyed = createHash('sha256').update(randomBytes(KEY_BYTES));
  readonly #most: number;

  constructor(most = MAX_REMEMBERED) {
    this.#most = most;
  }

  /** The same detector for texts that are whole before anything of them goes on: it holds them back to their end. */
  detectorFor(detector: Detector, { issuer, subject }: Caller): Detector {
    const memory = this.#byDetector.get(detector) ?? new Memory(this.#most);
    this.#byDetector.set(detector, memory);
    const scope = this.#keyed.copy().update(JSON.stringify([issuer, subject]));
    const open: Detector['open'] = (entities, context = '') => {
      const keyOf = (text: string): string => keyFor(scope, entities, context, text);
      return new HeldScan(() => detector.open(entities, context), keyOf, memory);
    };
    return { ...detector, open };
  }
}

/** Findings by key; what was used longest ago is forgotten. */
class Memory {
  readonly #findings = new Recent<readonly Finding[]>();
  readonly #most: number;
  #size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  find(key: string): readonly Finding[] | undefined {
    const findings = this.#findings.get(key);
    if (findings !== undefined) this.#findings.put(key, findings);
    return findings;
  }

  add(key: string, findings: readonly Finding[]): void {
    this.#findings.put(key, findings);
    this.#size += 1 + findings.length;
    while (this.#size > this.#most) this.#size -= 1 + (this.#findings.takeOldest()?.length ?? 0);
  }
}

/** Holds a text until it ends, and reads it only if it was not read before; a long one is read while it comes. */
class HeldScan implements TextScan {
  readonly #open: () => TextScan;
  readonly #keyOf: (text: string) => string;
  readonly #memory: Memory;
  #held = '';
  #scan: TextScan | undefined;
  #known: readonly Finding[] | undefined;

  constructor(open: () => TextScan, keyOf: (text: string) => string, memory: Memory) {
    this.#open = open;
    this.#keyOf = keyOf;
    this.#memory = memory;
  }

  push(chunk: string): void {
    if (this.#scan !== undefined) {
      this.#scan.push(chunk);
      return;
    }
    this.#held += chunk;
    if (this.#held.length > MAX_CHARACTERS) this.#read();
  }

  end(): void {
    if (this.#scan === undefined && isKeyable(this.#held)) {
      const key = this.#keyOf(this.#held);
      this.#known = this.#memory.find(key);
      if (this.#known !== undefined) return;
      const scan = this.#read();
      scan.end();
      this.#known = scan.take();
      this.#memory.add(key, this.#known);
      return;
    }
    this.#read().end();
  }

  take(): readonly Finding[] {
    if (this.#known === undefined) return this.#scan?.take() ?? NO_FINDINGS;
    const taken = this.#known;
    this.#known = NO_FINDINGS;
    return taken;
  }

  get emittable(): number {
    if (this.#known !== undefined) return this.length;
    return this.#scan?.emittable ?? 0;
  }

  get length(): number {
    return this.#scan?.length ?? this.#held.length;
  }

  #read(): TextScan {
    if (this.#scan === undefined) {
      this.#scan = this.#open();
      this.#scan.push(this.#held);
    }
    return this.#scan;
  }
}

/** Texts with half of a surrogate pair are not told apart by their UTF-8. */
function isKeyable(text: string): boolean {
  return text.length >= MIN_CHARACTERS && text.isWellFormed();
}

/** Names of sets that were asked for before. */
const namesOf = new WeakMap<ReadonlySet<EntityName>, string>();

function keyFor(scope: Hash, entities: ReadonlySet<EntityName>, context: string, text: string): string {
  const names = namesOf.get(entities) ?? JSON.stringify([...entities]);
  namesOf.set(entities, names);
  return scope
    .copy()
    .update(`${names}${JSON.stringify(context)}`)
    .update(text)
    .digest('base64');
}
