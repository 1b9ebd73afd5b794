/** What a verifier finds wrong; the list is closed, and docs/evidence.md says what each means. */
export type FaultCode =
  // Checkpoints and witnesses.
  | 'checkpoint_refused'
  | 'checkpoint_inconsistent'
  | 'checkpoint_beyond'
  | 'witness_missing'
  | 'log_contradicted'
  // Leaves and tree.
  | 'leaf_missing'
  | 'leaf_altered'
  | 'leaf_repeated'
  | 'leaf_beyond'
  | 'tile_missing'
  | 'tile_altered'
  | 'root_mismatch'
  | 'proof_refused'
  // Chains.
  | 'record_malformed'
  | 'record_missing'
  | 'seq_missing'
  | 'seq_repeated'
  | 'chain_broken'
  | 'epoch_begin_wrong'
  | 'epoch_end_passed'
  | 'epoch_unclosed'
  | 'previous_contradicted'
  // Keys, heads, receipts.
  | 'plane_key_missing'
  | 'plane_key_contradicted'
  | 'plane_key_unrecorded'
  | 'head_missing'
  | 'head_behind'
  | 'head_signature_invalid'
  | 'head_contradicted'
  | 'receipt_missing'
  | 'receipt_behind'
  | 'receipt_signature_invalid'
  | 'receipt_contradicted'
  // Payloads and erasures.
  | 'payload_missing'
  | 'payload_malformed'
  | 'payload_altered'
  | 'payload_unexpected'
  | 'payload_unerased'
  | 'payload_unopenable'
  | 'commitment_refused'
  | 'erasure_malformed'
  // What was calculated from records.
  | 'list_contradicted'
  // The bundle's form.
  | 'bundle_malformed'
  | 'bundle_truncated'
  | 'bundle_altered'
  | 'bundle_miscounted';

/** The place of a record, as far as it is known. */
export interface RecordPlace {
  /** The leaf that it is, from 0. */
  readonly index?: number;
  /** Its writer. */
  readonly plane?: string;
  readonly epoch?: bigint;
  readonly seq?: bigint;
}

/** Something that is wrong, and with which record. */
export interface Fault extends RecordPlace {
  readonly code: FaultCode;
  /** For a person; names no content. */
  readonly message: string;
}

/** Faults that are kept, beside the first of each code; all are counted. */
export const MAX_FAULTS = 1_000;

/** Collects faults, the first thousand in full, and the first of each code: it may be what the others follow from. */
export class FaultList {
  readonly #kept: Fault[] = [];
  readonly #codes = new Set<FaultCode>();
  #count = 0;

  add(code: FaultCode, message: string, place: RecordPlace = {}): void {
    this.#count += 1;
    if (this.#kept.length >= MAX_FAULTS && this.#codes.has(code)) return;
    this.#codes.add(code);
    this.#kept.push({ code, message, ...place });
  }

  /** All of them, whether kept or not. */
  get count(): number {
    return this.#count;
  }

  get kept(): readonly Fault[] {
    return this.#kept;
  }
}
