import { durationMs } from '@bufbuild/protobuf/wkt';
import { type Approval, State, StateSchema } from '#proto/sworn/approval/v1/approval_pb.ts';
import { type Field, renderBlock, renderFields } from '../../output/fields.ts';
import { highlightFindings } from '../../output/highlight.ts';
import { callerName, countsText, enumWord, shortName } from '../../output/names.ts';
import { sanitise } from '../../output/sanitise.ts';
import type { Column } from '../../output/table.ts';
import { formatAge, formatLength, formatTime, formatUntil } from '../../output/time.ts';

/** The columns of the reviewer's queue. */
export function approvalColumns(nowMs: number): Column<Approval>[] {
  return [
    { title: 'ID', cell: ({ name }) => shortName(name), whole: true },
    { title: 'STATE', cell: ({ state }) => enumWord(StateSchema, state), whole: true },
    { title: 'AGE', cell: ({ createTime }) => formatAge(createTime, nowMs), whole: true },
    { title: 'CALLER', cell: ({ caller }) => callerName(caller) },
    { title: 'MODEL', cell: ({ model }) => model, spare: true },
    { title: 'RULE', cell: ({ policy, rule }) => `${shortName(policy)}/${rule}` },
    { title: 'FINDINGS', cell: ({ findings }) => countsText(findings) },
    { title: 'EXPIRES IN', cell: (approval) => expiry(approval, nowMs), whole: true },
  ];
}

/** An approval with its prompt, as a reviewer reads it before deciding; on a terminal with colour, findings stand out. */
export function renderApproval(approval: Approval, nowMs: number, color: boolean): string {
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
    ['approved by', votesText(approval)],
    [
      'may be granted',
      approval.window === undefined ? '' : `for up to ${formatLength(durationMs(approval.window))}`,
    ],
    ['exchange', approval.exchange],
    ['session', approval.session],
    ['digest', Buffer.from(approval.requestDigest).toString('hex')],
    ['decided by', callerName(approval.decidedBy)],
    ['decided', formatTime(approval.decideTime)],
    ['reason', approval.reason || (asksReason(approval) ? 'has to be given' : '')],
    ['prompt', approval.eraseTime === undefined ? '' : `erased ${formatTime(approval.eraseTime)}`],
  ];
  const highlight = color ? highlightFindings : undefined;
  const prompt = approval.prompt.map(({ place, text }) => renderBlock(place, text, highlight)).join('');
  const next =
    approval.state === State.PENDING
      ? `\nnext: sworn approval approve ${shortName(approval.name)}${asksReason(approval) ? ' --reason TEXT' : ''}  or  deny\n`
      : '';
  return renderFields(fields) + prompt + next;
}

/** Whether who decides has to say why. */
function asksReason({ state, reasonRequired }: Approval): boolean {
  return state === State.PENDING && reasonRequired;
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
