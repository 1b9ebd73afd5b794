import { decodeBase64, encodeBase64 } from '../base64.ts';
import { EvidenceError } from '../error.ts';
import type { EvidenceItem, SignedItem } from '../verify/item.ts';

/** The form of the bundle, in its first line. */
export const BUNDLE_VERSION = 'sworn.bundle/v1';

/** The first line: what the bundle is of. Nothing vouches for it but what the records show. */
export interface BundleManifest {
  readonly type: 'manifest';
  readonly version: typeof BUNDLE_VERSION;
  readonly origin: string;
  /** The log's verifier key, as who made the bundle has it. */
  readonly logKey: string;
  /** RFC 3339. */
  readonly createTime: string;
  /** Names and values; empty when all records are in it. */
  readonly filter: Readonly<Record<string, string>>;
  /** Whether all records of the tree are in it. */
  readonly complete: boolean;
  readonly payloads: boolean;
  /** Ed25519, in base64. */
  readonly receiptKey: string;
  /** A signed note with its cosignatures. */
  readonly checkpoint: string;
}

/** How many lines of each kind there are; payloads are within records. */
export interface BundleCounts {
  planeKeys: number;
  heads: number;
  receipts: number;
  tiles: number;
  records: number;
  payloads: number;
  /** Erasures that came after the tree. */
  later: number;
}

/** The last line. */
export interface BundleEnd extends BundleCounts {
  readonly type: 'end';
  /** SHA-256 of all bytes before this line, in base64. */
  readonly sha256: string;
}

/** A line, read. */
export type BundleLine = BundleManifest | BundleEnd | { readonly type: 'item'; readonly item: EvidenceItem };

type Json = Readonly<Record<string, unknown>>;

/** `JSON.stringify` escapes half a surrogate pair, and nothing else, in this way. */
const HALF_PAIR = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

const MANIFEST_TEXTS = ['origin', 'logKey', 'createTime', 'receiptKey', 'checkpoint'];

/** Counts of nothing. */
export function noCounts(): BundleCounts {
  return { planeKeys: 0, heads: 0, receipts: 0, tiles: 0, records: 0, payloads: 0, later: 0 };
}

/** Adds a piece to the counts. */
export function countItem(counts: BundleCounts, item: EvidenceItem): void {
  if (item.kind === 'plane_key') counts.planeKeys += 1;
  if (item.kind === 'head') counts.heads += 1;
  if (item.kind === 'receipt') counts.receipts += 1;
  if (item.kind === 'tile') counts.tiles += 1;
  if (item.kind === 'later') counts.later += 1;
  if (item.kind !== 'record') return;
  counts.records += 1;
  if (item.payload !== undefined && item.payload.length > 0) counts.payloads += 1;
}

/** A piece of evidence as a line, without its newline. Checkpoints have no line: one is in the manifest. */
export function formatItem(item: EvidenceItem): string {
  switch (item.kind) {
    case 'plane_key':
      return JSON.stringify({
        type: 'planeKey',
        plane: item.plane,
        publicKey: encodeBase64(item.publicKey),
      });
    case 'head':
      return JSON.stringify({ type: 'head', source: item.source, ...formatSigned(item.head) });
    case 'receipt':
      return JSON.stringify({ type: 'receipt', ...formatSigned(item.receipt) });
    case 'tile':
      if (item.level !== 0) throw new EvidenceError('malformed', 'a bundle has the lowest tiles only');
      return JSON.stringify({ type: 'tile', index: item.index, hashes: encodeBase64(item.hashes) });
    case 'record': {
      const { index, bytes, proof, payload, payloadSha256 } = item;
      return JSON.stringify({
        type: 'record',
        index,
        record: encodeBase64(bytes),
        ...(proof === undefined ? {} : { proof: proof.map(encodeBase64) }),
        ...(payload === undefined ? {} : { payload: encodeBase64(payload) }),
        ...(payloadSha256 === undefined ? {} : { payloadSha256: encodeBase64(payloadSha256) }),
      });
    }
    case 'later': {
      const { note, index, bytes, proof } = item;
      return JSON.stringify({
        type: 'later',
        index,
        record: encodeBase64(bytes),
        proof: proof.map(encodeBase64),
        checkpoint: note,
      });
    }
    default:
      throw new EvidenceError('malformed', `a bundle has no ${item.kind}`);
  }
}

/**
 * Reads a line, without its newline. Only the one spelling that `JSON.stringify` gives is taken: a key that comes twice, or a
 * number that readers round differently, would be two bundles to two readers.
 * @throws EvidenceError malformed
 */
export function parseLine(line: string): BundleLine {
  const json = parseJson(line);
  switch (json['type']) {
    case 'manifest':
      return parseManifest(json);
    case 'end':
      return parseEnd(json);
    case 'planeKey':
      return toLine({ kind: 'plane_key', plane: text(json, 'plane'), publicKey: bytes(json, 'publicKey') });
    case 'head': {
      const source = json['source'];
      if (source !== 'batch' && source !== 'heartbeat') throw malformed('source');
      return toLine({ kind: 'head', source, head: parseSigned(json) });
    }
    case 'receipt':
      return toLine({ kind: 'receipt', receipt: parseSigned(json) });
    case 'tile':
      return toLine({ kind: 'tile', level: 0, index: count(json, 'index'), hashes: bytes(json, 'hashes') });
    case 'record':
      return toLine({
        kind: 'record',
        index: count(json, 'index'),
        bytes: bytes(json, 'record'),
        ...(json['proof'] === undefined ? {} : { proof: hashes(json['proof']) }),
        ...(json['payload'] === undefined ? {} : { payload: bytes(json, 'payload') }),
        ...(json['payloadSha256'] === undefined ? {} : { payloadSha256: bytes(json, 'payloadSha256') }),
      });
    case 'later':
      return toLine({
        kind: 'later',
        note: text(json, 'checkpoint'),
        index: count(json, 'index'),
        bytes: bytes(json, 'record'),
        proof: hashes(json['proof']),
      });
    default:
      throw malformed('type');
  }
}

function toLine(item: EvidenceItem): BundleLine {
  return { type: 'item', item };
}

function formatSigned({ plane, epoch, seq, digest, time, signature }: SignedItem): Json {
  return {
    plane,
    epoch: `${epoch}`,
    seq: `${seq}`,
    digest: encodeBase64(digest),
    time: time.toISOString(),
    signature: encodeBase64(signature),
  };
}

function parseSigned(json: Json): SignedItem {
  const time = readTime(json, 'time');
  return {
    plane: text(json, 'plane'),
    epoch: uint64(json, 'epoch'),
    seq: uint64(json, 'seq'),
    digest: bytes(json, 'digest'),
    time,
    signature: bytes(json, 'signature'),
  };
}

function readTime(json: Json, name: string): Date {
  const time = new Date(text(json, name));
  if (Number.isNaN(time.getTime()) || time.toISOString() !== json[name]) throw malformed(name);
  return time;
}

function parseManifest(json: Json): BundleManifest {
  const { version, filter, complete, payloads } = json;
  for (const name of MANIFEST_TEXTS) text(json, name);
  if (version !== BUNDLE_VERSION) throw malformed('version');
  if (typeof complete !== 'boolean' || typeof payloads !== 'boolean') throw malformed('complete');
  const isNamed = typeof filter === 'object' && filter !== null && !Array.isArray(filter);
  if (!isNamed || !Object.values(filter).every((value) => typeof value === 'string'))
    throw malformed('filter');
  readTime(json, 'createTime');
  bytes(json, 'receiptKey');
  return json as unknown as BundleManifest;
}

function parseEnd(json: Json): BundleEnd {
  for (const name of Object.keys(noCounts())) count(json, name);
  bytes(json, 'sha256');
  return json as unknown as BundleEnd;
}

function parseJson(text: string): Json {
  let value: unknown;
  let spelling: string;
  try {
    value = JSON.parse(text);
    // Both throw for what is nested too deep.
    spelling = JSON.stringify(value);
  } catch (cause) {
    throw new EvidenceError('malformed', 'a line of the bundle is no JSON', cause);
  }
  if (spelling !== text || HALF_PAIR.test(text)) {
    throw new EvidenceError('malformed', 'a line of the bundle is not in the one spelling of its JSON');
  }
  if (typeof value !== 'object' || value === null) throw malformed('type');
  return value as Json;
}

function text(json: Json, name: string): string {
  const value = json[name];
  if (typeof value !== 'string') throw malformed(name);
  return value;
}

function bytes(json: Json, name: string): Uint8Array {
  const decoded = decodeBase64(text(json, name));
  if (decoded === undefined) throw malformed(name);
  return decoded;
}

function hashes(value: unknown): Uint8Array[] {
  if (!Array.isArray(value)) throw malformed('proof');
  return value.map((hash: unknown) => {
    const decoded = typeof hash === 'string' ? decodeBase64(hash) : undefined;
    if (decoded === undefined) throw malformed('proof');
    return decoded;
  });
}

function count(json: Json, name: string): number {
  const value = json[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw malformed(name);
  return value;
}

function uint64(json: Json, name: string): bigint {
  const value = text(json, name);
  if (!/^(?:0|[1-9][0-9]{0,19})$/.test(value)) throw malformed(name);
  return BigInt(value);
}

function malformed(name: string): EvidenceError {
  return new EvidenceError('malformed', `a line of the bundle has no ${name} that could be read`);
}
