import { RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { EvidenceError } from '../error.ts';
import { equalBytes } from '../merkle/hash.ts';
import type { VerifiedRecord } from '../record/read.ts';
import { toPublicKey } from '../signature/ed25519.ts';
import { verifyStatement } from '../statement/sign.ts';
import { formatStatement } from '../statement/statement.ts';
import { type EpochState, epochKey, isPlane } from './chain.ts';
import type { FaultList, RecordPlace } from './fault.ts';
import type { SignedItem } from './item.ts';

type Source = 'batch' | 'heartbeat' | 'receipt';

/** A statement whose signature verified. */
interface Said {
  readonly source: Source;
  readonly statement: SignedItem;
  /** It came when records had come: what it names may be newer than the tree. */
  readonly isLate: boolean;
  isMet: boolean;
}

/** Checks keys, heads and receipts against the records. Holds the heads and receipts of each epoch. */
export class HeadCheck {
  readonly #faults: FaultList;
  readonly #isComplete: boolean;
  readonly #receiptKey: Uint8Array | undefined;
  readonly #keys = new Map<string, Uint8Array>();
  readonly #recorded = new Map<string, Uint8Array>();
  readonly #keyless = new Set<string>();
  readonly #said = new Map<string, Said[]>();
  /** Those whose record has not come, by epoch and seq: each record looks for its own only, and once, however often it comes. */
  readonly #awaited = new Map<string, Said[]>();
  #count = 0;

  constructor(receiptKey: Uint8Array | undefined, isComplete: boolean, faults: FaultList) {
    this.#receiptKey = receiptKey;
    this.#isComplete = isComplete;
    this.#faults = faults;
  }

  /** Signatures that verified. */
  get count(): number {
    return this.#count;
  }

  addKey(plane: string, publicKey: Uint8Array): void {
    const known = this.#keys.get(plane);
    if (known !== undefined && !equalBytes(known, publicKey)) {
      this.#faults.add('plane_key_contradicted', 'two keys are given for one plane', { plane });
    }
    this.#keys.set(plane, publicKey);
  }

  /**
   * Takes a head or receipt.
   * @param state what is known of its epoch so far
   * @param isLate whether records have come already
   */
  add(source: Source, statement: SignedItem, state: EpochState | undefined, isLate: boolean): void {
    const { plane, epoch, seq } = statement;
    const place = { plane, epoch, seq };
    if (!this.#verify(source, statement, place)) return;
    this.#count += 1;
    const said = { source, statement, isLate, isMet: false };
    const key = epochKey(plane, epoch);
    push(this.#said, key, said);
    const digest = state?.digests.get(seq);
    if (digest === undefined) push(this.#awaited, `${key} ${seq}`, said);
    else this.#compare(said, digest, place);
  }

  /** Takes a record that came. */
  addRecord(record: VerifiedRecord, digest: Uint8Array, place: RecordPlace): void {
    const { plane, epoch, seq } = record;
    const key = `${epochKey(plane, epoch)} ${seq}`;
    for (const said of this.#awaited.get(key) ?? []) this.#compare(said, digest, place);
    this.#awaited.delete(key);
    const isJoin = record.kind === RecordKind.ACTION && record.action === 'plane.enroll';
    if (record.planeKey.length > 0 && isJoin && !isPlane(record.plane)) {
      const known = this.#recorded.get(record.resource);
      if (known !== undefined && !equalBytes(known, record.planeKey)) {
        this.#faults.add('plane_key_contradicted', `${record.resource} joins with another key`, place);
      }
      this.#recorded.set(record.resource, record.planeKey);
    }
  }

  /** What is missing, once all has come. */
  finish(epochs: ReadonlyMap<string, EpochState>): void {
    this.#checkKeys(epochs);
    if (!this.#isComplete) return;
    const latest = latestEpochs(epochs);
    for (const [key, all] of this.#said) this.#checkMet(all, epochs.get(key), latest);
    for (const [key, state] of epochs) this.#checkCovered(state, this.#said.get(key) ?? []);
  }

  #verify(source: Source, statement: SignedItem, place: RecordPlace): boolean {
    const isReceipt = source === 'receipt';
    const key = isReceipt ? this.#receiptKey : this.#keys.get(statement.plane);
    if (key === undefined) {
      const isFirst = !isReceipt && !this.#keyless.has(statement.plane);
      this.#keyless.add(statement.plane);
      if (isFirst) this.#faults.add('plane_key_missing', 'the key of this plane is not given', place);
      if (isReceipt) this.#faults.add('receipt_signature_invalid', 'the receipt key is not given', place);
      return false;
    }
    try {
      const kind = isReceipt ? 'receipt' : 'head';
      const text = formatStatement(kind, statement);
      verifyStatement(kind, { text, signature: statement.signature }, toPublicKey(key));
      return true;
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      const code = isReceipt ? 'receipt_signature_invalid' : 'head_signature_invalid';
      this.#faults.add(
        code,
        `a ${source === 'receipt' ? '' : `${source} `}statement: ${error.message}`,
        place,
      );
      return false;
    }
  }

  #compare(said: Said, digest: Uint8Array, place: RecordPlace): void {
    said.isMet = true;
    if (equalBytes(said.statement.digest, digest)) return;
    const code = said.source === 'receipt' ? 'receipt_contradicted' : 'head_contradicted';
    this.#faults.add(code, `a ${said.source} statement names another record`, place);
  }

  #checkKeys(epochs: ReadonlyMap<string, EpochState>): void {
    const planes = new Set([...epochs.values()].map(({ plane }) => plane).filter(isPlane));
    for (const plane of planes) {
      if (this.#keys.has(plane) || this.#keyless.has(plane)) continue;
      this.#faults.add('plane_key_missing', 'the key of this plane is not given', { plane });
    }
    for (const [plane, key] of this.#keys) {
      const recorded = this.#recorded.get(plane);
      if (recorded !== undefined && !equalBytes(recorded, key)) {
        this.#faults.add('plane_key_contradicted', 'the plane joined with another key', { plane });
      } else if (recorded === undefined && this.#isComplete && planes.has(plane)) {
        this.#faults.add('plane_key_unrecorded', 'no record says that the plane joined with this key', {
          plane,
        });
      }
    }
  }

  /** What a batch or a receipt names is stored; what a heartbeat names may be on its way, while its epoch goes on. */
  #checkMet(all: readonly Said[], state: EpochState | undefined, latest: ReadonlyMap<string, bigint>): void {
    for (const said of all) {
      const { plane, epoch, seq } = said.statement;
      if (said.isMet || seq <= (state?.seq ?? 0n)) continue;
      const isStored = said.source !== 'heartbeat' && !said.isLate;
      if (isStored || state?.isEnded === true || (latest.get(plane) ?? 0n) > epoch) {
        const message = `a ${said.source} statement names it, and it is not in the log`;
        this.#faults.add('record_missing', message, { plane, epoch, seq });
        return;
      }
    }
  }

  #checkCovered({ plane, epoch, seq, index }: EpochState, all: readonly Said[]): void {
    const place = { plane, epoch, seq, index };
    const check = (source: Source, name: 'head' | 'receipt'): void => {
      const own = all.filter((said) => said.source === source);
      if (own.length === 0) {
        this.#faults.add(`${name}_missing`, `its epoch has no ${name}`, place);
      } else if (own.every(({ statement }) => statement.seq < seq)) {
        this.#faults.add(`${name}_behind`, `no ${name} reaches it`, place);
      }
    };
    // Without the key of its plane no head could be verified, and that is told already.
    if (this.#keys.has(plane)) check('batch', 'head');
    check('receipt', 'receipt');
  }
}

/** The last epoch of each writer that has records. */
function latestEpochs(epochs: ReadonlyMap<string, EpochState>): Map<string, bigint> {
  const latest = new Map<string, bigint>();
  for (const { plane, epoch } of epochs.values()) {
    if (epoch > (latest.get(plane) ?? 0n)) latest.set(plane, epoch);
  }
  return latest;
}

function push(all: Map<string, Said[]>, key: string, said: Said): void {
  const list = all.get(key);
  if (list === undefined) all.set(key, [said]);
  else list.push(said);
}
