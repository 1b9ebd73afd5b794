import { fromMessage, toMessage } from '#core/limit/counter.ts';
import { lastSlot, slotEndMs } from '#core/limit/window.ts';
import type { ReportUsageRequest } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import type { UsageAmount } from '#proto/sworn/usage/v1/usage_pb.ts';
import type { Context } from '../context.ts';
import { addUsage, noteReport, readUsage, type UsageSlot } from '../storage/record/usage.ts';

/**
 * Adds what a plane has counted, once for each report, and answers with what all planes together have. What does not count any
 * more is left out.
 */
export async function reportUsage(context: Context, plane: string, request: ReportUsageRequest) {
  const { database } = context;
  const nowMs = context.now().getTime();
  const added = request.added.flatMap((amount) => toSlot(amount, nowMs));
  await database.transaction(async (session) => {
    const isNew = await noteReport(database, session, plane, request.epoch, request.seq);
    if (isNew) await addUsage(database, session, added);
  });
  const totals = await readUsage(database, added);
  return {
    totals: totals.map(({ counter, slot, amount }) => ({
      counter: toMessage(counter),
      slot: BigInt(slot),
      amount,
    })),
  };
}

function toSlot({ counter, slot, amount }: UsageAmount, nowMs: number): UsageSlot[] {
  if (counter === undefined) return [];
  const known = fromMessage(counter);
  const isCounting = slotEndMs(known.everySeconds, Number(slot)) > nowMs;
  if (!isCounting || Number(slot) > lastSlot(known.everySeconds, nowMs)) return [];
  return [{ counter: known, slot: Number(slot), amount }];
}
