import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampDate, timestampMs } from '@bufbuild/protobuf/wkt';
import { parseCheckpoint } from '#core/evidence/checkpoint/checkpoint.ts';
import { EvidenceError } from '#core/evidence/error.ts';
import { equalBytes } from '#core/evidence/merkle/hash.ts';
import { parseNote } from '#core/evidence/note/note.ts';
import { decodeBundle } from '#core/evidence/tiles/bundle.ts';
import { tilePath } from '#core/evidence/tiles/path.ts';
import { grownTiles, TILE_WIDTH, type TileId, tileWidth } from '#core/evidence/tiles/tile.ts';
import type { EvidenceItem, SignedItem } from '#core/evidence/verify/item.ts';
import {
  AuditService,
  type ExportEvidenceRequestSchema,
  type ExportEvidenceResponse,
} from '#proto/sworn/audit/v1/audit_service_pb.ts';
import {
  type EvidenceBegin,
  HeadKind,
  type LogRecord,
  type SignedStatement,
} from '#proto/sworn/audit/v1/evidence_pb.ts';
import { required } from '../connect/required.ts';
import { CommandFailure } from '../failure.ts';
import type { Invocation } from '../invocation.ts';

/** Evidence as a control plane sends it. */
export interface EvidenceStream {
  readonly begin: EvidenceBegin;
  /** Leaves of the tree that `begin.checkpoint` names; 0 when that is no checkpoint. */
  readonly size: number;
  readonly items: AsyncIterable<EvidenceItem>;
}

/** What is taken besides the stream. */
export interface WalkOptions {
  /** The lowest tiles, each before its records. */
  readonly hasTiles: boolean;
  /** Entries as `/log` serves them, compared with the records, and the upper tiles, after all records. */
  readonly isWhole: boolean;
  /** Told of an entry that is not the record. */
  readonly onOther?: (index: number) => void;
}

/** Asks a control plane for evidence, and walks its log beside. */
export async function readEvidence(
  invocation: Invocation,
  request: MessageInitShape<typeof ExportEvidenceRequestSchema>,
  options: WalkOptions,
): Promise<EvidenceStream> {
  const stream = invocation.client(AuditService).exportEvidence(request)[Symbol.asyncIterator]();
  const first = await stream.next();
  const piece = first.done === true ? undefined : first.value.piece;
  const begin = required(piece?.case === 'begin' ? piece.value : undefined, 'beginning');
  const size = sizeOf(begin.checkpoint);
  return { begin, size, items: walk(invocation, stream, size, options) };
}

async function* walk(
  { getBytes }: Invocation,
  stream: AsyncIterator<ExportEvidenceResponse>,
  size: number,
  { hasTiles, isWhole, onOther }: WalkOptions,
): AsyncGenerator<EvidenceItem> {
  const read = (level: TileId['level'], index: number) =>
    getBytes(`/log/${tilePath({ level, index, width: tileWidth(size, level, index) })}`);
  let entries: readonly Uint8Array[] = [];
  let nextTile = 0;
  async function* openTiles(upTo: number): AsyncGenerator<EvidenceItem> {
    for (; hasTiles && nextTile <= upTo && nextTile * TILE_WIDTH < size; nextTile++) {
      const hashes = await read(0, nextTile);
      if (hashes !== undefined) yield { kind: 'tile', level: 0, index: nextTile, hashes };
      entries = isWhole ? readEntries(await read('entries', nextTile), tileWidth(size, 0, nextTile)) : [];
    }
  }
  for (;;) {
    const next = await stream.next();
    if (next.done === true) break;
    const { piece } = next.value;
    if (piece.case === 'record') {
      const index = Number(piece.value.index);
      yield* openTiles(Math.floor(index / TILE_WIDTH));
      const entry = entries[index % TILE_WIDTH];
      if (entry !== undefined && !equalBytes(entry, piece.value.record)) onOther?.(index);
    }
    const item = toItem(next.value);
    if (item !== undefined) yield item;
  }
  yield* openTiles(Number.MAX_SAFE_INTEGER);
  if (!isWhole) return;
  for (const { level, index } of grownTiles(0, size)) {
    if (level === 0) continue;
    const hashes = (await read(level, index)) ?? new Uint8Array();
    yield { kind: 'tile', level: Number(level), index, hashes };
  }
}

/** A bundle with a hole in it is not served; the record that is missing is told by its leaf. */
function readEntries(bytes: Uint8Array | undefined, width: number): Uint8Array[] {
  if (bytes === undefined) return [];
  try {
    return decodeBundle(bytes, width);
  } catch (error) {
    if (error instanceof EvidenceError) throw new CommandFailure(`what /log serves: ${error.message}`);
    throw error;
  }
}

function toItem({ piece }: ExportEvidenceResponse): EvidenceItem | undefined {
  switch (piece.case) {
    case 'planeKey':
      return { kind: 'plane_key', plane: piece.value.plane, publicKey: piece.value.publicKey };
    case 'head': {
      const { kind, statement } = piece.value;
      const source = kind === HeadKind.BATCH ? 'batch' : 'heartbeat';
      return { kind: 'head', source, head: toSigned(required(statement, 'head')) };
    }
    case 'receipt':
      return { kind: 'receipt', receipt: toSigned(piece.value) };
    case 'record':
      return toRecord(piece.value);
    case 'later': {
      const { checkpoint, record } = piece.value;
      const { index, record: bytes, proof } = required(record, 'record');
      return { kind: 'later', note: checkpoint, index: Number(index), bytes, proof };
    }
    case 'checkpoint':
      return { kind: 'checkpoint', note: piece.value };
    default:
      return undefined;
  }
}

function toSigned({ head, time, signature }: SignedStatement): SignedItem {
  const { plane, epoch, seq, digest } = required(head, 'head');
  return { plane, epoch, seq, digest, time: timestampDate(required(time, 'time')), signature };
}

function toRecord(piece: LogRecord): EvidenceItem {
  const { index, record, proof, payload, payloadSha256, misfiled, receiveTime } = piece;
  return {
    kind: 'record',
    index: Number(index),
    bytes: record,
    ...(proof.length === 0 ? {} : { proof }),
    ...(payload.length === 0 ? {} : { payload, payloadSha256 }),
    ...(misfiled.length === 0 ? {} : { misfiled }),
    ...(receiveTime === undefined ? {} : { receivedMs: timestampMs(receiveTime) }),
  };
}

function sizeOf(note: string): number {
  try {
    return parseCheckpoint(parseNote(note).text).size;
  } catch (error) {
    if (error instanceof EvidenceError) return 0;
    throw error;
  }
}
