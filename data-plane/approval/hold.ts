import { timestampMs } from '@bufbuild/protobuf/wkt';
import { GatewayError } from '#core/provider/openai/error.ts';
import { type Approval, State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Control, Decision } from '../control/control.ts';
import { readDetail } from '../control/reason.ts';
import { CLIENT_GONE, type Exchange } from '../exchange.ts';
import type { Answer } from '../listener/answer.ts';
import { digestRequest } from './digest-request.ts';

/** The caller's side of an exchange that waits. */
export type HeldAnswer = Pick<Answer, 'beginStream' | 'comment'>;

/** How long a request is held and in which way. All in milliseconds. */
export interface HoldTimes {
  /** A held stream keeps even its headers back so long, so that a quick refusal still has its status. */
  readonly headersMs: number;
  /** Between two comments on a held stream: below every client's idle limit. */
  readonly commentMs: number;
  /** A call that is not streamed is held so long; the OpenAI SDKs give up after 300 s of silence. */
  readonly wholeMs: number;
  /** For one call to the control plane. */
  readonly controlMs: number;
}

/**
 * Asks the reviewers and waits for their decision. Resolves with the approval when it is used up for this
 * very exchange; it gives one permission, for exactly these bytes of this caller. It gives none where it is withdrawn because
 * the policy that asked has changed.
 * @param sealedQuestion what a reviewer reads, a serialised SealedPayload
 * @throws GatewayError `approval_denied`, `approval_expired`, `approval_pending` or `approval_unavailable`.
 */
export async function holdForApproval(
  control: Control,
  exchange: Exchange,
  sealedQuestion: Uint8Array,
  answer: HeldAnswer,
  times: HoldTimes,
  onAsked: (name: string) => void,
): Promise<Decision> {
  const asked = await ask(control, exchange, sealedQuestion, times);
  onAsked(asked.name);
  const decided = asked.state === State.PENDING ? await wait(control, exchange, answer, times, asked) : asked;
  if (decided.policyChanged) return decided;
  requireApproved(decided);
  return consume(control, exchange, times, decided);
}

async function ask(
  control: Control,
  exchange: Exchange,
  sealedQuestion: Uint8Array,
  times: HoldTimes,
): Promise<Approval> {
  const { arrival, received, verdict, snapshot } = exchange;
  const request = {
    caller: exchange.caller,
    exchange: `exchanges/${arrival.id}`,
    session: exchange.session.name,
    route: received.target.route.id,
    model: received.content.model,
    requestDigest: digestRequest(received.target, received.content),
    policyRevision: snapshot.revision,
    policy: verdict.decision.policy,
    rule: verdict.decision.rule,
    findings: exchange.findings,
    sealedQuestion,
  };
  // Not ended by a caller who leaves: the question may be there by then, and is withdrawn by its name.
  return unavailable(control.requestApproval(request, AbortSignal.timeout(times.controlMs)));
}

async function wait(
  control: Control,
  exchange: Exchange,
  answer: HeldAnswer,
  times: HoldTimes,
  approval: Approval,
): Promise<Decision> {
  const { signal } = exchange.arrival;
  const over = new AbortController();
  const streamed = exchange.received.content.stream;
  const expiresMs = approval.expireTime === undefined ? 0 : timestampMs(approval.expireTime) - Date.now();
  const timers: NodeJS.Timeout[] = [];
  const late = new Promise<never>((_, reject) => {
    const fail = (error: GatewayError) => () => reject(error);
    // Approvals may live for days; a timer of Node for 24.8 of them.
    timers.push(setTimeout(fail(expired()), Math.min(Math.max(expiresMs, 0), 2 ** 31 - 1)));
    if (streamed) keepStreamAlive(answer, approval, times, timers);
    else timers.push(setTimeout(fail(pending(approval)), times.wholeMs));
  });
  try {
    const decision = control.decided(approval.name, AbortSignal.any([signal, over.signal]));
    return await Promise.race([decision, late]);
  } catch (error) {
    // Whoever went away is not waiting any more; a plane that stops leaves the question open for the resend.
    if (signal.aborted && isOver(signal)) control.withdrawApproval(approval.name);
    throw error;
  } finally {
    over.abort();
    for (const timer of timers) clearTimeout(timer);
  }
}

/** After the first seconds: headers, then a comment now and again. */
function keepStreamAlive(
  answer: HeldAnswer,
  approval: Approval,
  times: HoldTimes,
  timers: NodeJS.Timeout[],
): void {
  const begin = () => {
    answer.beginStream();
    answer.comment(`held for approval: ${approval.name}`);
    timers.push(setInterval(() => answer.comment('held for approval'), times.commentMs));
  };
  timers.push(setTimeout(begin, times.headersMs));
}

async function consume(
  control: Control,
  exchange: Exchange,
  times: HoldTimes,
  approval: Decision,
): Promise<Decision> {
  const { arrival, received } = exchange;
  const digest = digestRequest(received.target, received.content);
  const { name } = approval;
  const signal = AbortSignal.any([arrival.signal, AbortSignal.timeout(times.controlMs)]);
  const consumed = await unavailable(
    control.consumeApproval(name, digest, `exchanges/${arrival.id}`, signal).catch(explainUse),
  );
  if (consumed.state !== State.CONSUMED && !consumed.policyChanged) requireApproved(consumed);
  return consumed;
}

function requireApproved(approval: Decision): void {
  switch (approval.state) {
    case State.APPROVED:
      return;
    case State.DENIED: {
      throw new GatewayError('approval_denied', `A reviewer denied this request.${quote(approval.reason)}`);
    }
    case State.EXPIRED:
      throw expired();
    default:
      throw usedUp();
  }
}

/** What was approved may be over a moment later: by its time, or because an identical request was let go with it. */
function explainUse(error: unknown): never {
  const { reason, metadata } = readDetail(error) ?? {};
  if (reason !== Reason.APPROVAL_NOT_USABLE) throw error;
  throw metadata?.['state'] === 'EXPIRED' ? expired() : usedUp();
}

/** A reviewer's reason as a sentence, since the id of the record follows. */
function quote(reason: string): string {
  const text = reason.trim();
  if (text === '') return '';
  return ` Their reason: ${text}${/[.!?]$/.test(text) ? '' : '.'}`;
}

function expired(): GatewayError {
  return new GatewayError(
    'approval_expired',
    'No reviewer decided on this request in time, so it is denied.',
  );
}

function usedUp(): GatewayError {
  const message = 'The approval of this request was used or withdrawn; send it again.';
  return new GatewayError('approval_unavailable', message);
}

function pending(approval: Approval): GatewayError {
  return new GatewayError(
    'approval_pending',
    `This request waits for a reviewer as ${approval.name}. Send exactly the same request again once it is approved.`,
  );
}

/** Nobody will send it again, or nobody may. */
function isOver({ reason }: AbortSignal): boolean {
  return reason === CLIENT_GONE || reason instanceof GatewayError;
}

/** What fails between plane and control plane closes the path. */
async function unavailable<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError(
      'approval_unavailable',
      'This request needs an approval, and approvals cannot be asked for or used right now.',
      { cause },
    );
  }
}
