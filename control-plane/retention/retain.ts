import { durationMs } from '@bufbuild/protobuf/wkt';
import { RETENTION_DEFAULT_SECONDS } from '#core/policy/retention.ts';
import type { Record } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Context } from '../context.ts';
import type { ExchangeDocument } from '../storage/record/exchanges.ts';

/** What became of content that came for exchanges which had been erased before: names of exchanges. */
export interface LateContent {
  /** Destroyed on arrival. */
  readonly dropped: ReadonlySet<string>;
  /** Kept by a hold; erased when that is released. */
  readonly kept: ReadonlySet<string>;
}

/**
 * How long an exchange's content is kept, with one more record of it. The time is what the record's decision says, as policy
 * was then, raised to the deployment's minimum; it runs from the last receipt of a record, since a plane's clock may be wrong. Later policies
 * do not change it. An erasure stays.
 * @param now the time of receipt, by the later clock (clocks.ts)
 */
export function retain(
  context: Context,
  previous: ExchangeDocument | undefined,
  record: Record,
  late: LateContent,
  now: Date,
): Pick<ExchangeDocument, 'expireTime' | 'erasure'> {
  const erasure = previous?.erasure;
  if (erasure !== undefined) {
    const isLeft = late.kept.has(record.exchange) || previous?.expireTime !== undefined;
    const hasRest = isLeft && !late.dropped.has(record.exchange);
    return { erasure, ...(hasRest && { expireTime: previous?.expireTime ?? now }) };
  }
  const end = now.getTime() + Math.max(retentionMs(record), context.settings.minimumRetention);
  return { expireTime: new Date(Math.max(end, previous?.expireTime?.getTime() ?? 0)) };
}

/** How long a record says that its exchange is kept, in milliseconds; the default where it does not. */
export function retentionMs({ decision }: Record): number {
  const said = decision?.retention;
  return said === undefined ? RETENTION_DEFAULT_SECONDS * 1_000 : durationMs(said);
}
