import { fromBinary } from '@bufbuild/protobuf';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { type Caller, CallerKind, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { fail } from '../api/fail.ts';
import type { ApprovalDocument } from '../storage/approval/approvals.ts';

/**
 * Whether this reviewer may decide: in one of the groups that the approval is addressed to, a person or a service that the
 * policy names, and not who asked, whatever their roles.
 * @throws ConnectError NOT_ADDRESSED, PERSON_REQUIRED, OWN_REQUEST
 */
export function checkReviewer(document: ApprovalDocument, reviewer: Caller): void {
  const { _id: name } = document;
  if (!document.reviewers.some((group) => reviewer.groups.includes(group))) {
    throw fail(Reason.NOT_ADDRESSED, 'you are in none of the groups that may decide this', { name });
  }
  checkDecider(document, reviewer);
}

/**
 * Whether this one may decide at all: a person or a service that the policy names, and not whom it is about, whatever their roles.
 * @param caller a serialised sworn.identity.v1.Caller
 * @throws ConnectError PERSON_REQUIRED, OWN_REQUEST
 */
export function checkDecider(
  { _id: name, serviceReviewers = [], caller }: Pick<ApprovalDocument, '_id' | 'serviceReviewers' | 'caller'>,
  reviewer: Caller,
): void {
  const isNamed = serviceReviewers.some(
    (service) => service === reviewer.client || service === reviewer.subject,
  );
  if (reviewer.kind === CallerKind.SERVICE && !isNamed) {
    throw fail(Reason.PERSON_REQUIRED, 'a person decides on this, no service', { name });
  }
  if (isSamePerson(fromBinary(CallerSchema, caller), reviewer)) {
    throw fail(Reason.OWN_REQUEST, 'nobody decides on their own request', { name });
  }
}

/** Whether these are one person: the same account, or accounts with the same e-mail address, which may be the subject of one. */
export function isSamePerson(one: Caller, other: Caller): boolean {
  if (one.issuer === other.issuer && one.subject === other.subject) return true;
  const addresses = addressesOf(one);
  return addressesOf(other).some((address) => addresses.includes(address));
}

function addressesOf({ email, subject }: Caller): string[] {
  return [email, subject].map(foldEmail).filter((text) => text.includes('@'));
}

function foldEmail(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase();
}
