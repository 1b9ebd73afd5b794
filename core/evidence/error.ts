/** Why evidence is not accepted, or cannot be made. */
export type EvidenceErrorCode =
  /** Not of the form that its specification gives. */
  | 'malformed'
  /** An index, size, level or width that no tree of this size has. */
  | 'out_of_range'
  /** Larger than the limit for it. */
  | 'too_large'
  /** A Merkle proof that does not lead to the root. */
  | 'proof_refused'
  /** No signature is by a key that is asked for. */
  | 'unsigned'
  /** A signature by a known key that does not verify. */
  | 'signature_invalid'
  /** Two different known keys share name and id. */
  | 'ambiguous_key'
  /** A checkpoint of another log. */
  | 'wrong_origin'
  /** Sealed to a key other than the one given. */
  | 'wrong_key'
  /** Not the bytes that were sealed or committed to, or not in the place that they were made for. */
  | 'altered';

/** What every function of this folder throws. */
export class EvidenceError extends Error {
  override readonly name = 'EvidenceError';
  readonly code: EvidenceErrorCode;

  constructor(code: EvidenceErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
