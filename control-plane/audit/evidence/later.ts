import { create } from '@bufbuild/protobuf';
import { type LaterRecord, LaterRecordSchema } from '#proto/sworn/audit/v1/evidence_pb.ts';
import type { Context } from '../../context.ts';
import { proveLeaves, readPlaced } from '../../log/records.ts';
import { findLeafIndex } from '../../storage/log/log-runs.ts';
import { listErasures } from '../../storage/record/records.ts';
import type { Head, WriterEpoch } from '../../storage/record/writers.ts';
import { waitCosigned } from './cosigned.ts';
import { waitCovered } from './covered.ts';

/** Erasures that came while evidence was read: their payloads are gone, and the tree does not say so. */
export interface LaterErasures {
  /** Looks at exchanges of which a payload is gone. */
  note(exchanges: readonly string[]): Promise<void>;
  /** The erasures that the tree has not, each under a later checkpoint. */
  read(signal: AbortSignal): AsyncGenerator<LaterRecord>;
}

/** @param size of the tree that is exported */
export function createLaterErasures(context: Context, size: number): LaterErasures {
  const { database } = context;
  const pending = new Map<string, WriterEpoch & Head>();
  return {
    async note(exchanges) {
      if (exchanges.length === 0) return;
      const found = await listErasures(database, [...new Set(exchanges)]);
      for (const { plane, epoch, seq, digest } of found) {
        const index = await findLeafIndex(database, { plane, epoch }, seq);
        if (index !== undefined && index < size) continue;
        pending.set(`${plane} ${epoch} ${seq}`, { plane, epoch, seq, digest });
      }
    },
    async *read(signal) {
      if (pending.size === 0) return;
      const covering = await waitCovered(context, [...pending.values()], signal);
      const newest = covering && (await waitCosigned(context, covering, signal));
      for (const { plane, epoch, seq } of pending.values()) {
        const index = await findLeafIndex(database, { plane, epoch }, seq);
        if (newest === undefined || index === undefined || index >= newest.size) continue;
        const [placed] = await readPlaced(database, index, index + 1);
        const [proof = []] = await proveLeaves(database, [index], newest.size);
        if (placed === undefined) continue;
        yield create(LaterRecordSchema, {
          checkpoint: `${newest.note}${newest.cosignatures.join('')}`,
          record: {
            index: BigInt(index),
            record: Uint8Array.from(placed.document.bytes),
            proof: proof.map((hash) => Uint8Array.from(hash)),
          },
        });
      }
    },
  };
}
