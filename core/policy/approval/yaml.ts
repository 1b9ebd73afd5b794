import type { MessageInitShape } from '@bufbuild/protobuf';
import type { BreakGlass, RequireApproval, RequireApprovalSchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { formatDuration } from '../duration.ts';
import { readDuration } from '../read-duration.ts';
import type { Field, YamlReader } from '../yaml.ts';

const APPROVAL_KEYS = [
  'reviewers',
  'expires',
  'message',
  'quorum',
  'reasonRequired',
  'serviceReviewers',
  'window',
  'breakGlass',
] as const;
const BREAK_GLASS_KEYS = ['groups', 'reviewWithin'] as const;

/** What `requireApproval` says, as people write it. */
export function readApproval(
  reader: YamlReader,
  field: Field,
): MessageInitShape<typeof RequireApprovalSchema> {
  const approval = reader.readMap(field, APPROVAL_KEYS);
  const expires = readDuration(reader, approval?.get('expires'));
  const window = readDuration(reader, approval?.get('window'));
  return {
    reviewers: reader.readTexts(approval?.get('reviewers')),
    ...(expires === undefined ? {} : { expires: { seconds: BigInt(expires) } }),
    message: reader.readText(approval?.get('message')),
    quorum: readWhole(reader, approval?.get('quorum')),
    reasonRequired: reader.readBoolean(approval?.get('reasonRequired')) ?? false,
    serviceReviewers: reader.readTexts(approval?.get('serviceReviewers')),
    ...(window === undefined ? {} : { window: { seconds: BigInt(window) } }),
    ...readBreakGlass(reader, approval?.get('breakGlass')),
  };
}

function readBreakGlass(
  reader: YamlReader,
  field: Field | undefined,
): Pick<Exclude<MessageInitShape<typeof RequireApprovalSchema>, RequireApproval>, 'breakGlass'> {
  if (field === undefined) return {};
  const breakGlass = reader.readMap(field, BREAK_GLASS_KEYS);
  const within = readDuration(reader, breakGlass?.get('reviewWithin'));
  const reviewWithin = within === undefined ? {} : { reviewWithin: { seconds: BigInt(within) } };
  return { breakGlass: { groups: reader.readTexts(breakGlass?.get('groups')), ...reviewWithin } };
}

/** A whole number; 0 where it is absent or none, which is a fault then. */
function readWhole(reader: YamlReader, field: Field | undefined): number {
  const value = (field && reader.readNumber(field)) ?? 0;
  if (Number.isSafeInteger(value)) return value;
  if (field !== undefined) reader.fault(field, 'must be a whole number');
  return 0;
}

/** The same as people write it; what says nothing is left out. */
export function formatApproval(approval: RequireApproval): object {
  const { reviewers, expires, message, quorum, reasonRequired, serviceReviewers, window, breakGlass } =
    approval;
  return {
    reviewers,
    ...(expires === undefined ? {} : { expires: formatDuration(Number(expires.seconds)) }),
    ...(message === '' ? {} : { message }),
    ...(quorum <= 1 ? {} : { quorum }),
    ...(reasonRequired && { reasonRequired }),
    ...(serviceReviewers.length === 0 ? {} : { serviceReviewers }),
    ...(window === undefined ? {} : { window: formatDuration(Number(window.seconds)) }),
    ...(breakGlass === undefined ? {} : { breakGlass: formatBreakGlass(breakGlass) }),
  };
}

function formatBreakGlass({ groups, reviewWithin }: BreakGlass): object {
  return {
    groups,
    ...(reviewWithin === undefined ? {} : { reviewWithin: formatDuration(Number(reviewWithin.seconds)) }),
  };
}
