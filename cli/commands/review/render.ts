import { type Review, ReviewState, VerdictSchema } from '#proto/sworn/review/v1/review_pb.ts';
import { renderBlock, renderFields } from '../../output/fields.ts';
import { callerName, countsText, enumWord, shortName } from '../../output/names.ts';
import { sanitise } from '../../output/sanitise.ts';
import type { Column } from '../../output/table.ts';
import { formatTime, formatUntil } from '../../output/time.ts';
import { readPrompt } from '../../transcript/turns.ts';

/** The columns of the reviewer's queue. */
export function reviewColumns(nowMs: number): Column<Review>[] {
  return [
    { title: 'ID', cell: ({ name }) => shortName(name), whole: true },
    { title: 'STATE', cell: stateText, whole: true },
    { title: 'USED', cell: ({ useTime }) => formatTime(useTime), whole: true, spare: true },
    { title: 'CALLER', cell: ({ caller }) => callerName(caller) },
    { title: 'RULE', cell: ({ policy, rule }) => `${shortName(policy)}/${rule}` },
    { title: 'FINDINGS', cell: ({ findings }) => countsText(findings) },
    { title: 'DUE IN', cell: (review) => dueText(review, nowMs), whole: true },
  ];
}

/** A review with justification and prompt, as a reviewer reads it. */
export function renderReview(review: Review, nowMs: number): string {
  const { caller, prompt } = review;
  const head = renderFields([
    ['review', review.name],
    ['state', stateText(review)],
    ['caller', callerName(caller)],
    ['identity', caller === undefined ? '' : `${caller.subject} at ${caller.issuer}`],
    ['groups', caller?.groups.join(', ') ?? ''],
    ['application', caller?.client ?? ''],
    ['used', formatTime(review.useTime)],
    ['due in', dueText(review, nowMs)],
    ['model', review.model],
    ['route', review.route],
    ['rule', `${review.policy} ${review.rule} (configuration ${review.policyRevision})`],
    ['findings', countsText(review.findings)],
    ['reviewers', review.reviewers.length === 0 ? 'any' : review.reviewers.join(', ')],
    ['exchange', review.exchange],
    ['session', review.session],
    ['reviewed by', callerName(review.completedBy)],
    ['reviewed', formatTime(review.completeTime)],
    ['reason', review.reason],
    ['prompt', review.eraseTime === undefined ? '' : `erased ${formatTime(review.eraseTime)}`],
  ]);
  const texts = prompt === undefined ? [] : readPrompt(prompt.body);
  const complete = `sworn review complete ${shortName(review.name)}`;
  const next =
    review.state === ReviewState.PENDING
      ? `\nnext: ${complete} --justified --reason TEXT\n  or: ${complete} --unjustified --reason TEXT\n`
      : '';
  return [
    head,
    prompt === undefined ? '' : renderBlock('justification', prompt.breakGlassJustification),
    ...texts.map(({ speaker, text }) => renderBlock(`prompt: ${speaker}`, text)),
    next,
  ].join('');
}

/** What was found, in a line. */
export function renderFinding(review: Review): string {
  const verdict = enumWord(VerdictSchema, review.verdict);
  return sanitise(`${review.name} ${verdict} by ${callerName(review.completedBy)}\n`);
}

function stateText({ state, overdue, verdict }: Review): string {
  if (state === ReviewState.COMPLETED) return enumWord(VerdictSchema, verdict);
  return overdue ? 'overdue' : 'pending';
}

function dueText({ state, overdue, dueTime }: Review, nowMs: number): string {
  if (state !== ReviewState.PENDING) return '';
  return overdue ? `since ${formatTime(dueTime)}` : formatUntil(dueTime, nowMs);
}
