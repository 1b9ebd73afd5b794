import { Buffer } from 'node:buffer';
import { createHash, type Hash } from 'node:crypto';
import { ResponseError } from '../answer/response-error.ts';
import type { OpaqueKind } from './kind.ts';
import { describeOpaque, MAX_OPAQUE, type OpaqueContent } from './opaque.ts';

/** An answer has content that cannot be read, of a kind that no policy lets through. */
export class OpaqueError extends Error {
  override readonly name = 'OpaqueError';
  readonly kind: OpaqueKind;

  constructor(kind: OpaqueKind) {
    super(
      `The answer holds content that cannot be read (${kind}), and no policy allows it here (spec.opaque.allow: [${kind}]).`,
    );
    this.kind = kind;
  }
}

/** Content that comes in pieces. */
interface Growing {
  readonly kind: OpaqueKind;
  readonly hash: Hash;
  size: number;
}

/**
 * What cannot be read of an answer goes through here, and is noted: its kind, size and digest. One that stands in an answer
 * several times is noted once.
 */
export class OpaqueGate {
  readonly #allowed: ReadonlySet<OpaqueKind> | undefined;
  readonly #mustBeAllowed: boolean;
  readonly #whole = new Map<string, OpaqueContent>();
  readonly #growing = new Map<string, Growing>();

  /**
   * @param allowed the kinds that policy lets through; undefined when no policy says
   * @param mustBeAllowed what holds then: nothing goes through, or everything
   */
  constructor(allowed: ReadonlySet<OpaqueKind> | undefined, mustBeAllowed: boolean) {
    this.#allowed = allowed;
    this.#mustBeAllowed = mustBeAllowed;
  }

  /** What has gone through. */
  get contents(): OpaqueContent[] {
    const grown = Array.from(this.#growing, ([place, { kind, hash, size }]) => {
      return { place, kind, mediaType: '', size, sha256: hash.copy().digest() };
    });
    return [...this.#whole.values(), ...grown];
  }

  /** Lets content through. Throws OpaqueError. */
  pass(place: string, kind: OpaqueKind, mediaType: string, bytes: Uint8Array): void {
    this.#require(kind);
    const content = describeOpaque(place, kind, mediaType, bytes);
    const key = Buffer.from(content.sha256).toString('latin1');
    if (this.#whole.has(key)) return;
    if (this.#whole.size === MAX_OPAQUE) throw new ResponseError('The answer holds too many media.');
    this.#whole.set(key, content);
  }

  /** Lets the next piece through of content that comes in pieces. Throws OpaqueError. */
  push(place: string, kind: OpaqueKind, bytes: Uint8Array): void {
    this.#require(kind);
    let growing = this.#growing.get(place);
    if (growing === undefined) {
      growing = { kind, hash: createHash('sha256'), size: 0 };
      this.#growing.set(place, growing);
    }
    growing.hash.update(bytes);
    growing.size += bytes.length;
  }

  #require(kind: OpaqueKind): void {
    const allowed = this.#allowed === undefined ? !this.#mustBeAllowed : this.#allowed.has(kind);
    if (!allowed) throw new OpaqueError(kind);
  }
}
