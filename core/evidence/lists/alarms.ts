import type { Alarm } from '#proto/sworn/audit/v1/gap_pb.ts';
import { type Head, type Record, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { encodeBase64 } from '../base64.ts';
import { isPlane } from '../verify/chain.ts';
import type { FaultList, RecordPlace } from '../verify/fault.ts';

/** Compares the list of contradictions with the records of them. */
export class AlarmListCheck {
  readonly #before = new Map<string, string>();
  readonly #recorded = new Map<string, RecordPlace>();

  /** Takes an alarm of the list, before any record. */
  addListed(alarm: Alarm): void {
    this.#before.set(keyOf([alarm.stored, alarm.offered]), alarm.plane);
  }

  /** Takes a record of the log. */
  addRecord(record: Record, place: RecordPlace): void {
    const { kind, action, plane, conflict } = record;
    if (kind !== RecordKind.ACTION || action !== 'alarm.record_conflict' || isPlane(plane)) return;
    this.#recorded.set(keyOf(conflict), place);
  }

  /** Compares, with the list as it is after the records. */
  finish(after: readonly Alarm[], faults: FaultList): void {
    for (const [key, plane] of this.#before) {
      if (this.#recorded.has(key)) continue;
      faults.add('list_contradicted', `an alarm of ${plane} is listed, and no record is of it`);
    }
    const listed = new Set(after.map(({ stored, offered }) => keyOf([stored, offered])));
    for (const [key, place] of this.#recorded) {
      if (!listed.has(key)) faults.add('list_contradicted', 'an alarm that is in no list', place);
    }
  }
}

function keyOf(heads: readonly (Head | undefined)[]): string {
  return heads
    .map(
      (head) =>
        `${head?.plane} ${head?.epoch} ${head?.seq} ${encodeBase64(head?.digest ?? new Uint8Array())}`,
    )
    .join('\n');
}
