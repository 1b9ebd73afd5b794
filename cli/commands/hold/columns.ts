import type { Hold } from '#proto/sworn/retention/v1/hold_pb.ts';
import { callerName, shortName } from '../../output/names.ts';
import { sanitiseLine } from '../../output/sanitise.ts';
import type { Column } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';

/** The columns in which holds are shown. */
export const HOLD_COLUMNS: readonly Column<Hold>[] = [
  { title: 'HOLD', cell: ({ name }) => shortName(name), whole: true },
  { title: 'KEEPS', cell: scopeText, wrap: true },
  { title: 'REASON', cell: ({ reason }) => reason },
  { title: 'BY', cell: ({ createdBy }) => callerName(createdBy), spare: true },
  { title: 'SINCE', cell: ({ createTime }) => formatTime(createTime), whole: true, spare: true },
  { title: 'RELEASED', cell: ({ releaseTime }) => formatTime(releaseTime), whole: true },
];

/** What a hold keeps, in words: `sessions/…, caller ana@example.org, from 2026-03-01 00:00:00Z`. */
export function scopeText({ scope }: Hold): string {
  const parts = [
    scope?.session ?? '',
    scope?.exchange ?? '',
    scope?.caller ? `caller ${scope.caller}` : '',
    scope?.since ? `from ${formatTime(scope.since)}` : '',
    scope?.until ? `before ${formatTime(scope.until)}` : '',
  ];
  return sanitiseLine(parts.filter((part) => part !== '').join(', '));
}
