import { create, fromBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { type Hold, HoldSchema } from '#proto/sworn/retention/v1/hold_pb.ts';
import type { HoldDocument } from '../storage/record/holds.ts';

/** A stored hold as the API and records show it. */
export function viewHold(document: HoldDocument): Hold {
  const { _id: name, session, exchange, caller, since, until, reason } = document;
  const { createdBy, createTime, releasedBy, releaseTime, releaseReason = '' } = document;
  return create(HoldSchema, {
    name,
    scope: {
      session,
      exchange,
      caller,
      ...(since && { since: timestampFromDate(since) }),
      ...(until && { until: timestampFromDate(until) }),
    },
    reason,
    createdBy: fromBinary(CallerSchema, createdBy),
    createTime: timestampFromDate(createTime),
    ...(releasedBy && { releasedBy: fromBinary(CallerSchema, releasedBy) }),
    ...(releaseTime && { releaseTime: timestampFromDate(releaseTime) }),
    releaseReason,
  });
}
