import type { NotificationDocument } from '../storage/approval/notifications.ts';

/** A notification as people read it. */
export interface Message {
  readonly subject: string;
  /** One fact a line. */
  readonly lines: readonly string[];
  /** Where to look at it, where a console is set. */
  readonly link: string | undefined;
  /** How to look at it on the command line. */
  readonly command: string;
}

const SUBJECTS: Readonly<Record<string, string>> = {
  'approval.request': 'Approval needed',
  'approval.expiring': 'Approval still needed: its time is running out',
  'approval.decided': 'Approval decided',
  'approval.expired': 'Approval expired: nobody decided in time',
  'break_glass.used': 'Break-glass used: review needed',
  'review.overdue': 'Review overdue',
  'review.completed': 'Review completed',
  'proposal.create': 'Change proposed: a second admin is needed',
  'proposal.decided': 'Proposed change decided',
  'notifier.test': 'Test of a notifier',
};

/**
 * The message of a notification. It is made of names that admins and the control plane gave, counts and times. Nothing in it is
 * of a prompt or an answer, and nothing a caller wrote or is called: callers may be patients.
 * @param consoleUrl a URL in which `{name}` stands for the resource
 */
export function writeMessage(notification: NotificationDocument, consoleUrl: string | undefined): Message {
  const { event, resource, facts, gathered = 1 } = notification;
  if (gathered > 1) {
    return {
      subject: `${subjectOf(event)} (${gathered} requests)`,
      lines: [`${gathered} requests since the last message`],
      link: undefined,
      command: 'sworn approval list',
    };
  }
  const { policy, rule, reviewers = [], findings = [], dueTime, outcome } = facts;
  const found = findings.map(({ entity, count }) => `${entity} ${count}`).join(', ');
  const isWaiting = outcome === undefined && dueTime !== undefined;
  return {
    subject: `${subjectOf(event)}${outcome === undefined ? '' : `: ${outcome}`}`,
    lines: [
      resource,
      ...(policy === undefined ? [] : [`rule: ${policy.replace(/^policies\//, '')}/${rule ?? ''}`]),
      ...(found === '' ? [] : [`found in the prompt: ${found}`]),
      ...(reviewers.length === 0 ? [] : [`for: ${reviewers.join(', ')}`]),
      ...(isWaiting ? [`due: ${formatTime(dueTime)}`] : []),
    ],
    link: isPage(resource) ? consoleUrl?.replaceAll('{name}', resource) : undefined,
    command: commandOf(event, resource),
  };
}

function subjectOf(event: string): string {
  return event.startsWith('alarm.') ? `ALARM: ${event.slice('alarm.'.length)}` : (SUBJECTS[event] ?? event);
}

function isPage(resource: string): boolean {
  return /^(approvals|reviews|proposals)\/[a-z0-9-]+$/.test(resource);
}

function commandOf(event: string, resource: string): string {
  const [collection = '', id = ''] = resource.split('/');
  if (isPage(resource)) return `sworn ${collection.slice(0, -1)} show ${id}`;
  if (event.startsWith('alarm.log_') || event === 'alarm.witness_refused') return 'sworn audit verify';
  return event.startsWith('alarm.') ? 'sworn audit gaps' : 'sworn notification list';
}

/** `2026-03-01 09:30 UTC`. */
function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
