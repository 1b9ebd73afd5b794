import type { JWK } from 'jose';
import { type Payload, RecordKind, type SealedPayload } from '#proto/sworn/audit/v1/record_pb.ts';
import { verifyCommitment } from '../commitment/commit.ts';
import { verifyPrompt } from '../commitment/prompt.ts';
import { EvidenceError } from '../error.ts';
import { equalBytes, HASH_BYTES } from '../merkle/hash.ts';
import { readContent, readSealed, type VerifiedRecord } from '../record/read.ts';
import { intervalKeyId, openIntervalKey } from '../seal/interval-key.ts';
import { openPayload } from '../seal/open.ts';
import { ciphertextDigest, keysDigest } from '../seal/seal.ts';
import { isPlane } from './chain.ts';
import { sha256 } from './digest.ts';
import type { FaultList, RecordPlace } from './fault.ts';
import type { RecordItem } from './item.ts';

/** What content is sealed as: part of what it is bound to. */
export type ContentKind = 'prompt' | 'delivery' | 'question';

/** What the payload of a record of this kind is; undefined where there is none. */
export function contentKind(kind: RecordKind): ContentKind | undefined {
  if (kind === RecordKind.INTENT || kind === RecordKind.REFUSAL) return 'prompt';
  if (kind === RecordKind.OUTCOME) return 'delivery';
  return kind === RecordKind.APPROVAL ? 'question' : undefined;
}

/** Interval keys that stay open: records that follow one another share one. */
const MAX_OPEN_KEYS = 64;

/** How payloads were found. */
export interface PayloadCounts {
  /** With the ciphertext that their record states. */
  readonly verified: number;
  /** Opened, with the commitments that their record states. */
  readonly opened: number;
  /** Sealed to an evidence key that was not given. */
  readonly unopened: number;
  /** Gone, and a record of their erasure is there. */
  readonly erased: number;
}

/** Checks payloads against their records. Holds a place for each payload that is not there, and for each exchange that has some. */
export class PayloadCheck {
  readonly #faults: FaultList;
  readonly #hasPayloads: boolean;
  readonly #keys: ReadonlyMap<string, JWK>;
  readonly #open = new Map<string, Promise<Uint8Array>>();
  readonly #gone = new Map<string, RecordPlace[]>();
  readonly #erased = new Set<string>();
  /** By exchange, the first of its payloads that is there. */
  readonly #there = new Map<string, RecordPlace>();
  readonly #counts = { verified: 0, opened: 0, unopened: 0, erased: 0 };

  /**
   * @param hasPayloads whether a payload that is not given is missing
   * @param evidenceKeys private keys to open payloads with
   */
  constructor(hasPayloads: boolean, evidenceKeys: readonly JWK[], faults: FaultList) {
    this.#hasPayloads = hasPayloads;
    this.#keys = new Map(evidenceKeys.map((key) => [key.kid ?? '', key]));
    this.#faults = faults;
  }

  get counts(): PayloadCounts {
    return this.#counts;
  }

  /** Takes a record with its payload. */
  async add(record: VerifiedRecord, item: RecordItem, place: RecordPlace): Promise<void> {
    const erased = this.takeErasure(record, place);
    this.#checkGone(erased);
    const { payload, payloadSha256 } = item;
    const stated = record.ciphertextSha256;
    if (payload === undefined || payload.length === 0) {
      if (stated.length > 0 && this.#hasPayloads) this.#miss(record, place);
      return;
    }
    if (!this.#there.has(record.exchange)) this.#there.set(record.exchange, place);
    if (stated.length === 0) {
      this.#faults.add('payload_unexpected', 'the record states no payload', place);
      return;
    }
    const sealed = readSealed(payload);
    if (sealed === undefined) {
      this.#faults.add('payload_malformed', 'the payload is no serialised SealedPayload', place);
    } else if (stated.length !== HASH_BYTES || !equalBytes(ciphertextDigest(sealed.parts), stated)) {
      this.#faults.add('payload_altered', 'its parts have not the digest that the record states', place);
    } else if (record.keysSha256.length > 0 && !equalBytes(keysDigest(sealed), record.keysSha256)) {
      this.#faults.add('payload_altered', 'its keys have not the digest that the record states', place);
    } else if (payloadSha256 !== undefined && !equalBytes(sha256(payload), payloadSha256)) {
      this.#faults.add('payload_altered', 'the payload is another one than was received', place);
    } else {
      this.#counts.verified += 1;
      if (this.#keys.size > 0) await this.#checkContent(record, sealed, place);
    }
  }

  /** Payloads that are gone though nothing says that they were erased. */
  finish(): void {
    for (const places of this.#gone.values()) {
      for (const place of places) {
        this.#faults.add(
          'payload_missing',
          'its payload is gone, and no record says that it was erased',
          place,
        );
      }
    }
  }

  /**
   * Takes an erasure. It stands for its exchange: records of several writers come in any order.
   * @returns the exchange; undefined where it is no erasure
   */
  takeErasure(record: VerifiedRecord, place: RecordPlace): string | undefined {
    const { kind, action, erasure, exchange, resource, plane } = record;
    if (action !== 'exchange.erase') return undefined;
    const name = exchange === '' ? resource : exchange;
    const isWhole = erasure !== undefined && erasure.authority !== '' && erasure.scope !== '' && name !== '';
    if (!isWhole || isPlane(plane) || kind !== RecordKind.ACTION) {
      const message = 'an erasure without authority, scope or exchange, by a plane, or that is no action';
      this.#faults.add('erasure_malformed', message, place);
      return undefined;
    }
    this.#counts.erased += this.#gone.get(name)?.length ?? 0;
    this.#gone.delete(name);
    this.#erased.add(name);
    return name;
  }

  /** What came before an erasure is not there any more; content that came later a hold may have kept. */
  #checkGone(erased: string | undefined): void {
    const place = erased === undefined ? undefined : this.#there.get(erased);
    if (place === undefined) return;
    this.#faults.add(
      'payload_unerased',
      'its payload is there, and a later record says that it was erased',
      place,
    );
  }

  #miss({ exchange }: VerifiedRecord, place: RecordPlace): void {
    if (this.#erased.has(exchange)) {
      this.#counts.erased += 1;
      return;
    }
    const places = this.#gone.get(exchange) ?? [];
    places.push(place);
    this.#gone.set(exchange, places);
  }

  async #checkContent(record: VerifiedRecord, sealed: SealedPayload, place: RecordPlace): Promise<void> {
    const kind = contentKind(record.kind);
    try {
      const key = this.#keys.get(intervalKeyId(sealed.intervalKey));
      if (key === undefined) {
        this.#counts.unopened += 1;
        return;
      }
      if (kind === undefined) throw new EvidenceError('altered', 'a record of this kind has no content');
      const { plane, exchange } = record;
      const bytes = await openPayload(sealed, (jwe) => this.#openKey(jwe, key), { plane, exchange, kind });
      const payload = readContent(bytes);
      if (payload === undefined) throw new EvidenceError('malformed', 'the content is no serialised Payload');
      if (payload.content.case !== kind) throw new EvidenceError('altered', `the content is no ${kind}`);
      this.#checkCommitment(record, payload, place);
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      this.#faults.add('payload_unopenable', error.message, place);
    }
  }

  /** An answer whose plane was interrupted has no commitment: nobody was left to make it. */
  #checkCommitment(record: VerifiedRecord, { content, commitmentKey }: Payload, place: RecordPlace): void {
    try {
      if (content.case === 'prompt') {
        verifyPrompt(record, commitmentKey, content.value);
      }
      if (content.case === 'delivery' && record.responseCommitment.length > 0) {
        const frames = content.value.frames.map(({ data }) => data);
        verifyCommitment(record.responseCommitment, commitmentKey, 'delivery', frames);
      }
      this.#counts.opened += 1;
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      this.#faults.add('commitment_refused', error.message, place);
    }
  }

  #openKey(jwe: string, key: JWK): Promise<Uint8Array> {
    const known = this.#open.get(jwe);
    if (known !== undefined) return known;
    const oldest = this.#open.size >= MAX_OPEN_KEYS ? this.#open.keys().next().value : undefined;
    if (oldest !== undefined) this.#open.delete(oldest);
    const opening = openIntervalKey(jwe, key);
    this.#open.set(jwe, opening);
    return opening;
  }
}
