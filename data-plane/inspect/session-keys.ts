import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { ResponseFacts } from '#core/provider/openai/answer/response.ts';
import { fingerprint } from '#core/provider/openai/request/history.ts';
import type { ModelRequest } from '#core/provider/openai/request/request.ts';
import { isIssuedId } from '#core/provider/openai/structure.ts';
import { SessionCertainty, SessionSource } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';

/** Something that ties exchanges of a caller together. */
export interface Tie {
  /** 16 bytes. */
  readonly digest: Uint8Array;
  readonly source: SessionSource;
  readonly certainty: SessionCertainty;
}

/** What a trace export says of one trace, as a record has it: ids of the caller's making only as digests. */
export interface TraceTie {
  readonly trace: string;
  readonly traceKey: Uint8Array;
  readonly groupKey: Uint8Array;
  readonly responseKeys: Uint8Array[];
}

/** As record.proto has it. */
const DIGEST_BYTES = 16;
/** Tool calls and items of one answer that are told in its record. */
const MAX_TOLD = 32;
/** Tool calls of one request that are looked up. */
const MAX_CALLS = 8;
/** As the Agents SDKs make them: what is not, is the caller's text. */
const TRACE_ID = /^trace_[0-9a-f]{32}$/;

type Kind = 'response' | 'call' | 'item' | 'prefix' | 'trace' | 'group';

/**
 * Makes the digests of one caller. A group's id is of the caller's making: without the key of the deployment nobody can find
 * out what a digest stands for, and all planes make the same ones.
 */
export class SessionKeys {
  readonly #key: KeyObject;
  readonly #scope: string;

  constructor(key: Uint8Array, { issuer, subject }: Caller) {
    this.#key = keyOf(key);
    this.#scope = JSON.stringify([issuer, subject]);
  }

  /** What of a request refers to earlier exchanges, the surest first. */
  ofRequest({ previousResponseId, callIds, history }: ModelRequest): Tie[] {
    return [
      ...(previousResponseId === undefined ? [] : [this.#issued('response', previousResponseId)]),
      ...callIds
        .slice(-MAX_CALLS)
        .reverse()
        .map((id) => this.#issued('call', id)),
      ...(history?.itemIds ?? []).map((id) => this.#issued('item', id)),
      ...(history?.answered ?? []).map((print) => this.#prefix(print)),
    ];
  }

  /** What later requests can refer to an exchange by. */
  ofAnswer({ responseId, callIds, itemIds, said }: ResponseFacts, turns: string | undefined): Tie[] {
    return [
      ...(responseId === undefined ? [] : [this.#issued('response', responseId)]),
      ...callIds.slice(-MAX_TOLD).map((id) => this.#issued('call', id)),
      ...itemIds.slice(-MAX_TOLD).map((id) => this.#issued('item', id)),
      ...(turns === undefined || said === '' ? [] : [this.#prefix(fingerprint(turns, said))]),
    ];
  }

  /** What a trace export ties together. */
  ofTraces(traces: ModelRequest['traces'] = []): TraceTie[] {
    return traces.map(({ id, groupId, responseIds }) => ({
      trace: TRACE_ID.test(id) ? id : '',
      traceKey: this.#digest('trace', id),
      groupKey: groupId === undefined ? new Uint8Array() : this.#digest('group', groupId),
      responseKeys: responseIds.filter(isIssuedId).map((response) => this.#digest('response', response)),
    }));
  }

  /** An id as providers make them is given out once; `call_1` may be anybody's. */
  #issued(kind: 'response' | 'call' | 'item', id: string): Tie {
    const certainty = isIssuedId(id) ? SessionCertainty.CERTAIN : SessionCertainty.INFERRED;
    return { digest: this.#digest(kind, id), source: SOURCES[kind], certainty };
  }

  #prefix(print: string): Tie {
    const digest = this.#digest('prefix', print);
    return { digest, source: SessionSource.PREFIX, certainty: SessionCertainty.INFERRED };
  }

  #digest(kind: Kind, value: string): Uint8Array {
    const text = JSON.stringify(['sworn session', this.#scope, kind, value]);
    return createHmac('sha256', this.#key).update(text).digest().subarray(0, DIGEST_BYTES);
  }
}

/** Made once for all digests of a snapshot. */
const keys = new WeakMap<Uint8Array, KeyObject>();

function keyOf(bytes: Uint8Array): KeyObject {
  const known = keys.get(bytes) ?? createSecretKey(bytes);
  keys.set(bytes, known);
  return known;
}

const SOURCES = {
  response: SessionSource.PREVIOUS_RESPONSE,
  call: SessionSource.CALL_ID,
  item: SessionSource.ITEM_ID,
} as const;
