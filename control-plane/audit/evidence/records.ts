import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { TILE_WIDTH } from '#core/evidence/tiles/tile.ts';
import {
  type ExportEvidenceResponse,
  ExportEvidenceResponseSchema,
} from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { LogRecordSchema } from '#proto/sworn/audit/v1/evidence_pb.ts';
import type { Context } from '../../context.ts';
import { type PlacedRecord, proveLeaves, readPlaced } from '../../log/records.ts';
import type { Database } from '../../storage/database.ts';
import { listCheckpoints } from '../../storage/log/checkpoints.ts';
import type { ExchangeQuery } from '../../storage/record/exchanges.ts';
import { findPayloads } from '../../storage/record/payloads.ts';
import type { RecordDocument } from '../../storage/record/records.ts';
import { misfiledOf } from '../misfiled.ts';
import { stopIfAborted } from '../stop.ts';
import type { LaterErasures } from './later.ts';
import { selectLeaves } from './select.ts';

/** Payloads that are read at once, unless one alone is larger. */
const READ_BYTES = 8 * 1024 * 1024;

/** All records of the tree of `size` leaves, with the checkpoints that were published where they are asked for. */
export async function* readAll(
  context: Context,
  size: number,
  options: { readonly includePayloads: boolean; readonly includeCheckpoints: boolean },
  later: LaterErasures,
  signal: AbortSignal,
): AsyncGenerator<ExportEvidenceResponse> {
  const { database } = context;
  for (let begin = 0; begin < size; begin += TILE_WIDTH) {
    stopIfAborted(signal);
    const end = Math.min(begin + TILE_WIDTH, size);
    const placed = await readPlaced(database, begin, end);
    const published = options.includeCheckpoints ? await listCheckpoints(database, begin, end) : [];
    for await (const record of withPayloads(context, placed, options.includePayloads, later)) {
      while (published[0] !== undefined && published[0].size <= record.index) yield takeNote(published);
      yield toPiece(record, [], options.includeCheckpoints ? storedAs(database, record.document) : {});
    }
    while (published.length > 0) yield takeNote(published);
  }
}

/** The records of the exchanges that match, and of what was done to them, each with its proof. */
export async function* readSelected(
  context: Context,
  size: number,
  query: ExchangeQuery,
  includePayloads: boolean,
  later: LaterErasures,
  signal: AbortSignal,
): AsyncGenerator<ExportEvidenceResponse> {
  const { database } = context;
  const indexes = await selectLeaves(database, query, size);
  for (let at = 0; at < indexes.length; at += TILE_WIDTH) {
    stopIfAborted(signal);
    const group = indexes.slice(at, at + TILE_WIDTH);
    const placed: PlacedRecord[] = [];
    for (const index of group) placed.push(...(await readPlaced(database, index, index + 1)));
    const proofs = await proveLeaves(database, group, size);
    for await (const record of withPayloads(context, placed, includePayloads, later)) {
      yield toPiece(record, proofs[group.indexOf(record.index)]);
    }
  }
}

interface FullRecord extends PlacedRecord {
  readonly payload: Uint8Array | undefined;
}

async function* withPayloads(
  { database }: Context,
  placed: readonly PlacedRecord[],
  includePayloads: boolean,
  later: LaterErasures,
): AsyncGenerator<FullRecord> {
  for (let at = 0; at < placed.length; ) {
    let bytes = 0;
    let end = at;
    do {
      bytes += placed[end]?.document.payload?.sizeBytes ?? 0;
      end += 1;
    } while (end < placed.length && bytes < READ_BYTES);
    const group = placed.slice(at, end);
    const wanted = group.flatMap(({ document }) =>
      includePayloads && document.payload !== undefined ? [{ owner: document, ref: document.payload }] : [],
    );
    const found = wanted.length === 0 ? [] : await findPayloads(database, wanted);
    const payloads = new Map(wanted.map(({ owner }, index) => [owner, found[index]]));
    await later.note(wanted.flatMap(({ owner }, at) => (found[at] === undefined ? [owner.exchange] : [])));
    for (const record of group) yield { ...record, payload: payloads.get(record.document) };
    at = end;
  }
}

function toPiece(
  { index, document, payload }: FullRecord,
  proof: readonly Uint8Array[] = [],
  stored: ReturnType<typeof storedAs> | object = {},
): ExportEvidenceResponse {
  const value = create(LogRecordSchema, {
    index: BigInt(index),
    record: Uint8Array.from(document.bytes),
    proof: proof.map((hash) => Uint8Array.from(hash)),
    ...stored,
    ...(payload === undefined || document.payload === undefined
      ? {}
      : { payload: Uint8Array.from(payload), payloadSha256: Uint8Array.from(document.payload.sha256) }),
  });
  return create(ExportEvidenceResponseSchema, { piece: { case: 'record', value } });
}

/** What the store says of a record besides its bytes. */
function storedAs(database: Database, document: RecordDocument) {
  const receiveTime = timestampFromDate(document.receiveTime);
  return { misfiled: misfiledOf(database, document), receiveTime };
}

function takeNote(published: { readonly note: string; readonly cosignatures: readonly string[] }[]) {
  const { note = '', cosignatures = [] } = published.shift() ?? {};
  const value = `${note}${cosignatures.join('')}`;
  return create(ExportEvidenceResponseSchema, { piece: { case: 'checkpoint', value } });
}
