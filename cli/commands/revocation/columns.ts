import type { Revocation } from '#proto/sworn/identity/v1/revocation_pb.ts';
import { callerName, shortName } from '../../output/names.ts';
import { sanitiseLine } from '../../output/sanitise.ts';
import type { Column } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';

/** The columns in which revocations are shown. */
export const REVOCATION_COLUMNS: readonly Column<Revocation>[] = [
  { title: 'REVOCATION', cell: ({ name }) => shortName(name), whole: true },
  { title: 'REFUSES', cell: targetText, wrap: true },
  { title: 'REASON', cell: ({ reason }) => reason },
  { title: 'BY', cell: ({ createdBy }) => callerName(createdBy), spare: true },
  { title: 'SINCE', cell: ({ createTime }) => formatTime(createTime), whole: true, spare: true },
  { title: 'UNTIL', cell: ({ expireTime }) => formatTime(expireTime), whole: true },
];

/** Whom a revocation refuses, in words: `subject 8f14e45f, client billing-agent`. */
export function targetText({ target }: Revocation): string {
  const parts: readonly (readonly [string, string | undefined])[] = [
    ['subject', target?.subject],
    ['e-mail', target?.email],
    ['client', target?.client],
    ['token', target?.tokenId],
    ['session', target?.session],
    ['issuer', target?.issuer],
  ];
  return sanitiseLine(
    parts
      .filter(([, value]) => value !== undefined && value !== '')
      .map((part) => part.join(' '))
      .join(', '),
  );
}
