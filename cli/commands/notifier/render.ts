import type { Notifier } from '#proto/sworn/notification/v1/notifier_pb.ts';
import { renderFields } from '../../output/fields.ts';
import { shortName } from '../../output/names.ts';
import type { Column } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';

/** For the options' help. */
export const EVENTS =
  'approval.request, approval.expiring, approval.decided, approval.expired, break_glass.used, review.overdue, ' +
  'review.completed, proposal.create, proposal.decided, alarm';

/** The columns in which notifiers are shown. */
export const NOTIFIER_COLUMNS: readonly Column<Notifier>[] = [
  { title: 'NAME', cell: ({ name }) => shortName(name), whole: true },
  { title: 'TO', cell: placeText },
  { title: 'EVENTS', cell: ({ spec }) => listText(spec?.events) },
  { title: 'GROUPS', cell: ({ spec }) => listText(spec?.groups) },
  { title: 'UPDATED', cell: ({ updateTime }) => formatTime(updateTime) },
];

/** One notifier for people. */
export function renderNotifier(notifier: Notifier): string {
  return renderFields([
    ['notifier', notifier.name],
    ['to', placeText(notifier)],
    ['secret', notifier.secretTime === undefined ? '' : `written ${formatTime(notifier.secretTime)}`],
    ['events', listText(notifier.spec?.events)],
    ['groups', listText(notifier.spec?.groups)],
    ['updated', formatTime(notifier.updateTime)],
    ['etag', notifier.etag],
  ]);
}

function placeText({ spec }: Notifier): string {
  switch (spec?.channel.case) {
    case 'webhook':
      return spec.channel.value.url;
    case 'slack':
      return `Slack at ${spec.channel.value.host}`;
    case 'email':
      return spec.channel.value.to.join(', ');
    default:
      return '';
  }
}

function listText(words: readonly string[] = []): string {
  return words.length === 0 ? 'all' : words.join(', ');
}
