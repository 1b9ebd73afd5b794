import { durationMs } from '@bufbuild/protobuf/wkt';
import { type Approval, State, StateSchema } from '#proto/sworn/approval/v1/approval_pb.ts';
import type { WhoAmIResponse } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { type Field, renderFields } from '../../output/fields.ts';
import { highlightFindings } from '../../output/highlight.ts';
import { callerName, countsText, enumWord, shortName } from '../../output/names.ts';
import type { Output } from '../../output/output.ts';
import { sanitise } from '../../output/sanitise.ts';
import type { Column } from '../../output/table.ts';
import { formatAge, formatLength, formatTime, formatUntil } from '../../output/time.ts';
import { renderPrompt } from './prompt.ts';
import { canDecide, hasApproved } from './reader.ts';

/** The columns of the reviewer's queue. @param reader who reads it; undefined where it says nothing of them */
export function approvalColumns(nowMs: number, reader: WhoAmIResponse | undefined): Column<Approval>[] {
  return [
    { title: 'ID', cell: ({ name }) => shortName(name), whole: true },
    { title: 'STATE', cell: ({ state }) => enumWord(StateSchema, state), whole: true },
    { title: 'VOTES', cell: (approval) => countText(approval, reader), whole: true },
    { title: 'AGE', cell: ({ createTime }) => formatAge(createTime, nowMs), whole: true },
    { title: 'CALLER', cell: ({ caller }) => callerName(caller) },
    { title: 'MODEL', cell: ({ model }) => model, spare: true },
    { title: 'RULE', cell: ({ policy, rule }) => `${shortName(policy)}/${rule}` },
    { title: 'FINDINGS', cell: ({ findings }) => countsText(findings) },
    { title: 'EXPIRES IN', cell: (approval) => expiry(approval, nowMs), whole: true },
  ];
}

/**
 * An approval with its prompt, as a reviewer reads it before deciding; on a terminal with colour, findings stand out.
 * @param reader who is not told what to do next where they cannot
 */
export function renderApproval(
  approval: Approval,
  nowMs: number,
  { color, width }: Pick<Output, 'color' | 'width'>,
  reader?: WhoAmIResponse,
): string {
  const fields: Field[] = [
    ['approval', approval.name],
    [
      'state',
      `${enumWord(StateSchema, approval.state)}${approval.policyChanged ? ': policy has changed' : ''}`,
    ],
    ['caller', callerText(approval)],
    ['groups', approval.caller?.groups.join(', ') ?? ''],
    ['application', approval.caller?.client ?? ''],
    ['asked', formatTime(approval.createTime)],
    ['expires in', expiry(approval, nowMs)],
    ['model', approval.model],
    ['route', approval.route],
    ['rule', `${approval.policy} ${approval.rule} (configuration ${approval.policyRevision})`],
    ['look for', approval.message],
    ['findings', countsText(approval.findings)],
    ['reviewers', approval.reviewers.join(', ')],
    ['approved by', saidText(approval)],
    [
      'may be granted',
      approval.window === undefined ? '' : `for up to ${formatLength(durationMs(approval.window))}`,
    ],
    ['exchange', approval.exchange],
    ['session', approval.session],
    ['digest', Buffer.from(approval.requestDigest).toString('hex')],
    ['decided by', callerName(approval.decidedBy)],
    ['decided', formatTime(approval.decideTime)],
    ['reason', reasonOf(approval) || (asksReason(approval) ? 'has to be given' : '')],
    ['prompt', approval.eraseTime === undefined ? '' : `erased ${formatTime(approval.eraseTime)}`],
  ];
  const prompt = renderPrompt(approval.prompt, color ? highlightFindings : undefined);
  const next =
    approval.state === State.PENDING && (reader === undefined || canDecide(reader, approval))
      ? `\nnext: sworn approval approve ${shortName(approval.name)}${asksReason(approval) ? ' --reason TEXT' : ''}  or  deny\n`
      : '';
  return renderFields(fields, width) + prompt + next;
}

/** Whether who decides has to say why. */
function asksReason({ state, reasonRequired }: Approval): boolean {
  return state === State.PENDING && reasonRequired;
}

/** `1 of 2`, and whether that is the reader's own; empty where one is enough. */
function countText(approval: Approval, reader: WhoAmIResponse | undefined): string {
  const { votes, quorum } = approval;
  if (quorum <= 1) return '';
  const isOwn = reader !== undefined && hasApproved(reader, approval);
  return `${votes.length} of ${quorum}${isOwn ? ', yours' : ''}`;
}

/** Who has approved so far; where several have to, each with when and why. */
function saidText(approval: Approval): string {
  const { votes, quorum } = approval;
  if (quorum <= 1) return votesText(approval);
  const each = votes.map(({ reviewer, time, reason }) => {
    return `${callerName(reviewer)} ${formatTime(time)}${reason === '' ? '' : `: ${reason}`}`;
  });
  return [`${votes.length} of ${quorum}`, ...each].join('\n');
}

/** Of several who approved, each reason stands beside who gave it. */
function reasonOf({ reason, quorum, state }: Approval): string {
  return quorum > 1 && state !== State.DENIED ? '' : reason;
}

/** Who has approved so far, of how many. */
function votesText({ votes, quorum }: Approval): string {
  const names = votes.map(({ reviewer }) => callerName(reviewer)).join(', ');
  return quorum > 1 ? `${votes.length} of ${quorum}${names === '' ? '' : `: ${names}`}` : names;
}

function callerText({ caller }: Approval): string {
  if (caller === undefined) return '';
  const who = caller.email === '' ? caller.subject : `${caller.email} (${caller.subject})`;
  return `${who} at ${caller.issuer}`;
}

function expiry({ state, expireTime }: Approval, nowMs: number): string {
  return state === State.PENDING ? formatUntil(expireTime, nowMs) : '';
}

/** What became of an approval, in a line. */
export function renderDecision(approval: Approval): string {
  const who = callerName(approval.decidedBy);
  if (approval.state === State.PENDING)
    return sanitise(`${approval.name} approved by ${votesText(approval)}; still pending\n`);
  return sanitise(
    `${approval.name} ${enumWord(StateSchema, approval.state)}${who === '' ? '' : ` by ${who}`}\n`,
  );
}
