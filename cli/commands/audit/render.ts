import { equals } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { formatMoney } from '#core/limit/money.ts';
import { actionWord } from '#core/policy/action-word.ts';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import {
  type OpaqueTotal,
  type Outcome,
  OutcomeStatusSchema,
  SessionCertainty,
  SessionSource,
  SessionSourceSchema,
  type UpstreamAttempt,
  type Usage,
} from '#proto/sworn/audit/v1/record_pb.ts';
import { type Decision, DecisionSchema } from '#proto/sworn/policy/v1/decision_pb.ts';
import { type Field, renderBlock, renderFields } from '../../output/fields.ts';
import { callerName, countsText, enumWord, shortName } from '../../output/names.ts';
import { formatTime } from '../../output/time.ts';
import { readDelivery } from '../../transcript/answer.ts';
import { readPrompt } from '../../transcript/turns.ts';
import { peopleFields } from './people.ts';

/** `allow research/default`, or `deny` where no policy applied. */
export function decisionText(decision: Decision | undefined): string {
  if (decision === undefined) return '';
  const action = actionWord(decision.action);
  if (decision.policy === '') return action;
  const rule = decision.rule === '' ? '' : `/${decision.rule}`;
  return `${action} by ${shortName(decision.policy)}${rule}`;
}

/** `gpt-5-mini, sent as notes-mini-eu (streamed)`. */
function modelText({ model, upstreamModel, stream }: Exchange): string {
  return `${model}${upstreamModel === '' ? '' : `, sent as ${upstreamModel}`}${stream ? ' (streamed)' : ''}`;
}

/** What policy changed in the request: `store set to false, user dropped`. */
export function changesText(decision: Decision | undefined): string {
  return (decision?.changes ?? []).map(({ parameter, change }) => `${parameter} ${change}`).join(', ');
}

/** `completed 200`, `refused 403 policy_denied`; empty while it runs. */
export function outcomeText(outcome: Outcome | undefined): string {
  if (outcome === undefined) return '';
  const status = outcome.httpStatus === 0 ? '' : String(outcome.httpStatus);
  return [enumWord(OutcomeStatusSchema, outcome.status), status, outcome.errorCode]
    .filter((part) => part !== '')
    .join(' ');
}

/** How long the exchange took, `1.24 s`; empty while it runs. */
export function durationText({ startTime, endTime }: Exchange): string {
  if (startTime === undefined || endTime === undefined) return '';
  return `${((timestampMs(endTime) - timestampMs(startTime)) / 1_000).toFixed(2)} s`;
}

/** `erased 2026-03-01 09:30:00Z by Privacy Office: case 4711`; empty when it was not. */
export function erasureText({ erasure, eraseTime }: Exchange): string {
  if (erasure === undefined) return '';
  return `erased ${formatTime(eraseTime)} by ${erasure.authority}: ${erasure.reason}`;
}

/** Why its caller went on without an approval, or wanted to; that they did, where their reason is erased. */
function breakGlassText({ prompt, breakGlass }: Exchange): string {
  return prompt?.breakGlassJustification || (breakGlass ? 'used' : '');
}

/**
 * An exchange with all that is known of it: decision, approval, findings, maskings, prompt and masked answer.
 * @param width columns of the terminal, where there is one
 */
export function renderExchange(exchange: Exchange, width?: number): string {
  const { caller, usage, outcome } = exchange;
  const fields: Field[] = [
    ['exchange', exchange.name],
    ['session', `${exchange.session}${foundText(exchange) === '' ? '' : ` (${foundText(exchange)})`}`],
    ['recorded', exchange.recordedSession === '' ? '' : `in ${exchange.recordedSession}, and joined later`],
    ['traces', exchange.traces.join('\n')],
    ['plane', exchange.plane],
    ['caller', callerName(caller)],
    ['identity', caller === undefined ? 'not verified' : `${caller.subject} at ${caller.issuer}`],
    ['groups', caller?.groups.join(', ') ?? ''],
    ['application', caller?.client ?? ''],
    ['token bound to', caller?.boundTo.join(', ') ?? ''],
    ['request', `${exchange.prompt?.method ?? ''} ${exchange.prompt?.path ?? exchange.route}`.trim()],
    ['model', modelText(exchange)],
    ['began', formatTime(exchange.startTime)],
    ['took', durationText(exchange)],
    ['decision', decisionText(exchange.decision)],
    ['because', exchange.decision?.reason ?? ''],
    ['observed', observedText(exchange)],
    ['purpose', exchange.decision?.purpose ?? ''],
    ['changed', changesText(exchange.decision)],
    ['configuration', `revision ${exchange.policyRevision}`],
    ['break-glass', breakGlassText(exchange)],
    ...peopleFields(exchange),
    ['findings', countsText(exchange.promptFindings)],
    ['not seen by', exchange.externalDetectorMissing ? 'the external detector, which did not answer' : ''],
    ['tokenized', countsText(exchange.tokenized)],
    ['masked', countsText(exchange.responseFindings)],
    ['restored', countsText(exchange.restored)],
    ['unread', unreadText(exchange)],
    ['outcome', outcome === undefined ? 'running' : outcomeText(outcome)],
    ['delivered', outcome === undefined ? '' : `${outcome.deliveredBytes} bytes`],
    ['upstream', [exchange.upstream, exchange.upstreamRequestId].filter((part) => part !== '').join(' ')],
    ['tried before', exchange.upstreamAttempts.map(attemptText).join(', ')],
    ['content', erasureText(exchange)],
    ['kept until', formatTime(exchange.expireTime)],
    ['tokens', usage === undefined ? '' : tokensText(usage)],
    ['cost', exchange.costMicros === undefined ? '' : formatMoney(exchange.costMicros)],
  ];
  const prompt = exchange.prompt === undefined ? [] : readPrompt(exchange.prompt.body);
  const answer = exchange.delivery === undefined ? [] : readDelivery(exchange.delivery.frames);
  return [
    renderFields(fields, width),
    ...prompt.map(({ speaker, text }) => renderBlock(`prompt: ${speaker}`, text)),
    ...answer.map(({ speaker, text }) => renderBlock(`answer: ${speaker}`, text)),
  ].join('');
}

/** `deny by research/identified: policy research ...`: what would have been decided with the policies that only observe, where
 * that is anything else: they may have nothing to do with the request. */
function observedText({ decision, observed }: Exchange): string {
  if (observed === undefined) return '';
  if (decision !== undefined && equals(DecisionSchema, decision, observed)) return '';
  return [decisionText(observed), observed.reason, changesText(observed)]
    .filter((part) => part !== '')
    .join('\n');
}

function tokensText({ inputTokens, cachedInputTokens, outputTokens }: Usage): string {
  const cached = cachedInputTokens === 0n ? '' : ` (${cachedInputTokens} cached)`;
  return `${inputTokens} in${cached}, ${outputTokens} out`;
}

/** `in the request 1 image, 96 bytes (image/png)`: what cannot be read. */
function unreadText({ promptOpaque, responseOpaque }: Exchange): string {
  const describe = (where: string, totals: readonly OpaqueTotal[]) =>
    totals.map(({ kind, mediaType, count, size }) => {
      return `${where} ${count} ${kind}, ${size} bytes${mediaType === '' ? '' : ` (${mediaType})`}`;
    });
  return [...describe('in the request', promptOpaque), ...describe('in the answer', responseOpaque)].join(
    '; ',
  );
}

function attemptText({ upstream, errorCode, httpStatus }: UpstreamAttempt): string {
  return `${upstream} (${errorCode || httpStatus})`;
}

/** `found by call_id, likely`: how an exchange came into its session; empty when that is not known. */
export function foundText({ sessionSource, sessionCertainty }: Exchange): string {
  if (sessionSource === SessionSource.NEW) return 'its first exchange';
  const word = enumWord(SessionSourceSchema, sessionSource);
  if (word === '') return '';
  return `found by ${word}${sessionCertainty === SessionCertainty.INFERRED ? ', likely' : ''}`;
}
