import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { EvidenceError } from '#core/evidence/error.ts';
import {
  type ExportEvidenceResponse,
  ExportEvidenceResponseSchema,
} from '#proto/sworn/audit/v1/audit_service_pb.ts';
import {
  EvidenceHeadSchema,
  HeadKind,
  type PlaneKey,
  PlaneKeySchema,
  type SignedStatement,
  SignedStatementSchema,
} from '#proto/sworn/audit/v1/evidence_pb.ts';
import type { Context } from '../../context.ts';
import { listAllPlanes } from '../../storage/configuration/planes.ts';
import { listPlaneHeads, type StoredHead } from '../../storage/record/plane-heads.ts';
import { type Head, listHeads, type WriterEpoch } from '../../storage/record/writers.ts';
import { signReceipt } from '../receipt.ts';

/** What planes and this control plane say of how far the record goes. */
export interface Statements {
  /** Each with a text that changes when it does. */
  readonly heads: readonly { readonly key: string; readonly piece: ExportEvidenceResponse }[];
  /** How far each epoch is stored. */
  readonly stored: readonly (WriterEpoch & Head)[];
}

/** Reads heads, then how far records are stored: what a batch's head names is within. */
export async function readStatements({ database }: Context): Promise<Statements> {
  const heads = (await listPlaneHeads(database, undefined)).flatMap(({ plane, epoch, batch, heartbeat }) => [
    ...(batch === undefined ? [] : [headOf(HeadKind.BATCH, { plane, epoch }, batch)]),
    ...(heartbeat === undefined ? [] : [headOf(HeadKind.HEARTBEAT, { plane, epoch }, heartbeat)]),
  ]);
  return { heads, stored: await listHeads(database) };
}

/** Every plane's key, revoked ones too. */
export async function readPlaneKeys({ database }: Context): Promise<PlaneKey[]> {
  const planes = await listAllPlanes(database);
  return planes.map(({ name, publicKey }) =>
    create(PlaneKeySchema, { plane: name, publicKey: Uint8Array.from(publicKey) }),
  );
}

/** A receipt for what is stored of an epoch; undefined where that is no head of one, as somebody may have made it. */
export async function receiptOf(
  context: Context,
  stored: WriterEpoch & Head,
): Promise<SignedStatement | undefined> {
  const signed = await signReceipt(context, stored).catch((error: unknown) => {
    if (error instanceof EvidenceError) return undefined;
    throw error;
  });
  if (signed === undefined) return undefined;
  const { head, time, signature } = signed;
  return create(SignedStatementSchema, {
    ...(head && { head }),
    ...(time && { time }),
    signature,
  });
}

function headOf(kind: HeadKind, { plane, epoch }: WriterEpoch, stored: StoredHead) {
  const { seq, digest, time, signature } = stored;
  const statement = {
    head: { plane, epoch, seq, digest: Uint8Array.from(digest) },
    time: timestampFromDate(time),
    signature: Uint8Array.from(signature),
  };
  const value = create(EvidenceHeadSchema, { kind, statement });
  return {
    key: `${kind} ${plane} ${epoch} ${seq} ${time.getTime()}`,
    piece: create(ExportEvidenceResponseSchema, { piece: { case: 'head', value } }),
  };
}
