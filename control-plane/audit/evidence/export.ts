import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { parseCheckpoint } from '#core/evidence/checkpoint/checkpoint.ts';
import { EvidenceError } from '#core/evidence/error.ts';
import { createNoteKey, formatNoteKey } from '#core/evidence/note/key.ts';
import { parseNote } from '#core/evidence/note/note.ts';
import {
  type ExportEvidenceResponse,
  ExportEvidenceResponseSchema,
} from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { EvidenceBeginSchema } from '#proto/sworn/audit/v1/evidence_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { fail } from '../../api/fail.ts';
import type { Context } from '../../context.ts';
import { loadSigningKey } from '../../distribution/signing-key.ts';
import type { StoredCheckpoint } from '../../storage/log/checkpoints.ts';
import { findLog, type LogState } from '../../storage/log/log.ts';
import type { ExchangeQuery } from '../../storage/record/exchanges.ts';
import { recordAction } from '../actions.ts';
import { waitCosigned } from './cosigned.ts';
import { waitCovered } from './covered.ts';
import { createLaterErasures } from './later.ts';
import { readAll, readSelected } from './records.ts';
import { readPlaneKeys, readStatements, receiptOf, type Statements } from './statements.ts';

/** What evidence to export, to whom. */
export interface EvidenceRequest {
  /** Undefined for all records. */
  readonly query: ExchangeQuery | undefined;
  readonly includePayloads: boolean;
  readonly includeCheckpoints: boolean;
  readonly reader: Caller;
}

type Piece = ExportEvidenceResponse['piece'];

/**
 * What verifies the record without this control plane, piece by piece as the receiver takes it. That it was asked for is
 * recorded first, and is within.
 * @throws ConnectError STORE_UNAVAILABLE when no checkpoint was published yet
 */
export async function* exportEvidence(
  context: Context,
  request: EvidenceRequest,
  signal: AbortSignal,
): AsyncGenerator<ExportEvidenceResponse> {
  const { reader, includePayloads, query } = request;
  const action = includePayloads ? 'payload.export' : 'evidence.export';
  await recordAction(context, undefined, { caller: reader, action, resource: describe(query) });
  const before = await readStatements(context);
  const covering = await waitCovered(context, before.stored, signal);
  if (covering === undefined)
    throw fail(Reason.STORE_UNAVAILABLE, 'no checkpoint is published yet; try again');
  const newest = await waitCosigned(context, covering, signal);
  yield respond({ case: 'begin', value: await begin(context, newest) });
  for (const value of await readPlaneKeys(context)) yield respond({ case: 'planeKey', value });
  yield* send(context, before, undefined);
  const size = leavesOf(newest);
  const later = createLaterErasures(context, size);
  if (query === undefined) yield* readAll(context, size, request, later, signal);
  else yield* readSelected(context, size, query, includePayloads, later, signal);
  for await (const value of later.read(signal)) yield respond({ case: 'later', value });
  yield* send(context, await readStatements(context), before);
}

/** Those of these statements that are not among the earlier ones. */
async function* send(
  context: Context,
  { heads, stored }: Statements,
  before: Statements | undefined,
): AsyncGenerator<ExportEvidenceResponse> {
  const known = new Set([
    ...(before?.heads ?? []).map(({ key }) => key),
    ...(before?.stored ?? []).map(({ plane, epoch, seq }) => `${plane} ${epoch} ${seq}`),
  ]);
  for (const { key, piece } of heads) if (!known.has(key)) yield piece;
  for (const head of stored) {
    if (known.has(`${head.plane} ${head.epoch} ${head.seq}`)) continue;
    const value = await receiptOf(context, head);
    if (value !== undefined) yield respond({ case: 'receipt', value });
  }
}

async function begin(context: Context, { note, cosignatures }: StoredCheckpoint) {
  const log = await findLog(context.database);
  const { publicKey } = await loadSigningKey(context, 'receipt');
  return create(EvidenceBeginSchema, {
    origin: log?.origin ?? '',
    logKey: logKeyOf(log),
    checkpoint: `${note}${cosignatures.join('')}`,
    receiptKey: Uint8Array.from(publicKey),
    logSize: BigInt(log?.head.size ?? 0),
    logRoot: Uint8Array.from(log?.head.root ?? []),
    time: timestampFromDate(context.now()),
  });
}

/** As the checkpoint itself says it: by the number beside it somebody could have leaves read without end. */
function leavesOf({ note, size }: StoredCheckpoint): number {
  try {
    return parseCheckpoint(parseNote(note).text).size;
  } catch (error) {
    if (error instanceof EvidenceError) return size;
    throw error;
  }
}

/** Empty when what is stored is none: who verifies has one from elsewhere. */
function logKeyOf(log: LogState | undefined): string {
  try {
    return log === undefined ? '' : formatNoteKey(createNoteKey(log.origin, log.publicKey));
  } catch (error) {
    if (error instanceof EvidenceError) return '';
    throw error;
  }
}

/** The filter as a name that stands in the record: `log`, or `log?caller=ana%40example.org`. */
function describe(query: ExchangeQuery | undefined): string {
  if (query === undefined) return 'log';
  const { since, until, ...words } = query;
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(words)) if (value) parts.set(name, `${value}`);
  if (since !== undefined) parts.set('since', since.toISOString());
  if (until !== undefined) parts.set('until', until.toISOString());
  return `log?${parts}`;
}

function respond(piece: Piece): ExportEvidenceResponse {
  return create(ExportEvidenceResponseSchema, { piece });
}
