/** The public part of an X25519 key of the organisation that payloads are sealed to. */
export interface EvidenceKey {
  /** Its JWK thumbprint (RFC 7638, SHA-256, base64url): the `kid` of what is sealed to it. */
  readonly id: string;
  /** 32 bytes (RFC 7748). */
  readonly publicKey: Uint8Array;
  readonly createTime: Date;
}

/** Keeps the private parts of the evidence keys: nothing else in Sworn sees them. */
export interface KeyProvider {
  /** Where they are, in a person's words. */
  readonly place: string;
  /** Every key that opens here, oldest first. */
  list(): Promise<readonly EvidenceKey[]>;
  /** Makes a new key, durable when this resolves; those before it stay. */
  create(createTime: Date): Promise<EvidenceKey>;
  /**
   * Opens an interval key, 32 bytes, from its compact JWE. The caller clears it after use.
   * Rejects with EvidenceKeyError, and with EvidenceError where the JWE is not what was sealed.
   */
  unwrap(jwe: string): Promise<Uint8Array>;
}

/** Why an evidence key cannot be used. */
export type EvidenceKeyFault =
  /** Sealed to a key that is not here. */
  | 'missing'
  /** Whoever protects the keys does not answer, or refuses. */
  | 'unavailable';

/** An evidence key that cannot be used; `id` says which, where it is about one. */
export class EvidenceKeyError extends Error {
  override readonly name = 'EvidenceKeyError';
  readonly code: EvidenceKeyFault;
  readonly id: string;

  constructor(code: EvidenceKeyFault, id: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.id = id;
  }
}
