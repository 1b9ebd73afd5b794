import { fitPrompt } from '#core/approval/fit-prompt.ts';
import { ANSWER_SEGMENTS, PROMPT_SEGMENTS } from '#core/phi/external/segment.ts';
import type { FindingCounts } from '#core/phi/mask.ts';
import type { ModelRequest } from '#core/provider/openai/request/request.ts';
import type { Target } from '#core/provider/openai/request/target.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { noteBreakGlass } from './approval/break-glass.ts';
import { policyChanged } from './approval/changed.ts';
import { noteGrant } from './approval/grant.ts';
import { type HeldAnswer, holdForApproval } from './approval/hold.ts';
import { requireTrusted } from './authenticate/revocation.ts';
import { callUpstream, planUpstreams } from './call-upstream.ts';
import type { CompiledSnapshot } from './control/control.ts';
import { currentSnapshot } from './control/current.ts';
import { lookAhead } from './detector/lookahead.ts';
import type { Arrival, Exchange, Received } from './exchange.ts';
import { identify } from './identify.ts';
import { addFindings, countDistinct, countFindings, recountFindings } from './inspect/findings.ts';
import { readContent, recordable } from './inspect/read.ts';
import { showRequest } from './inspect/show.ts';
import { admitToLimits } from './limit/admit.ts';
import type { Answer } from './listener/answer.ts';
import { readBody } from './listener/body.ts';
import { admitRoute } from './listener/route.ts';
import { deliver, type Reading } from './mask/deliver.ts';
import { waysOf } from './mask/ways.ts';
import type { Parts } from './parts.ts';
import { circumstancesOf } from './policy/circumstances.ts';
import { decide, requireNotDenied, requireSeen } from './policy/decide.ts';
import { lowSpace, type Trail } from './record/trail.ts';
import { rememberAnswer } from './remember.ts';
import { requireSameTokens, tokenize } from './tokenize/tokenize.ts';
import { takeTraces } from './traces/take.ts';
import type { UpstreamAnswer } from './upstream/call.ts';

/**
 * The way of a request. Each stage takes what the one before it made; whatever is thrown ends the exchange
 * with a refusal that is recorded as well (see refuse.ts). Nothing goes upstream before the intent is durable,
 * nothing reaches the caller unmasked, and no answer ends before its outcome is durable.
 */
export async function pass(parts: Parts, arrival: Arrival, answer: Answer, trail: Trail): Promise<void> {
  const snapshot = currentSnapshot(parts.control);
  const { target, caller } = await admit(parts, snapshot, arrival, answer, trail);
  // Before the body is read: the refusal that is recorded then is small.
  if (parts.control.recorder.lowSpace) throw lowSpace();
  const received = await receive(parts, arrival, target, trail);
  // Anew: whoever sends a body slowly is not judged by the policy of when they began.
  const judged = await judge(parts, currentSnapshot(parts.control), caller, arrival, received, trail);
  requireNotDenied(judged.verdict);
  requireSeen(judged);
  if (judged.received.content.traces !== undefined) {
    return await passTraces(parts, judged, answer, trail);
  }
  const released = await release(parts, judged, answer, trail);
  // Of the configuration after the wait: a provider or key that was withdrawn meanwhile is not used.
  await passOn(parts, released, answer, trail);
}

/**
 * What lies between a verdict that lets a request through and its call, over HTTP and WebSocket alike: tokens, limits, the
 * intent, and the wait for who has to approve it. The exchange as it goes on: with the policy that is in force after the wait.
 */
export async function release(
  parts: Parts,
  judged: Exchange,
  answer: HeldAnswer,
  trail: Trail,
): Promise<Exchange> {
  const exchange = await tokenize(parts, judged, trail);
  const plan = planUpstreams(parts, exchange);
  noteBreakGlass(exchange, trail);
  admitToLimits(parts, exchange, plan, trail);
  await trail.intend();
  return awaitApproval(parts, exchange, answer, trail);
}

async function passOn(parts: Parts, exchange: Exchange, answer: Answer, trail: Trail): Promise<void> {
  const upstream = await callUpstream(parts, exchange, trail);
  try {
    await handOn(parts, upstream, exchange, answer, trail);
  } finally {
    upstream.end();
  }
}

/** Traces are taken in. They go on only where policy says so, masked; nobody is asked, because only the record needs them. */
async function passTraces(parts: Parts, exchange: Exchange, answer: Answer, trail: Trail): Promise<void> {
  const { snapshot, verdict, arrival } = exchange;
  const look = lookAhead(parts, snapshot, ANSWER_SEGMENTS, verdict.externalRequired, arrival);
  const masked = await takeTraces(parts.maskSessions, exchange, answer, trail, look);
  if (masked === undefined) return;
  await passOn(parts, masked, answer, trail);
}

/** The caller is named before the route is looked at, so that a refused route says who tried it. */
async function admit(
  parts: Parts,
  snapshot: CompiledSnapshot,
  { request, hold }: Arrival,
  answer: Answer,
  trail: Trail,
) {
  const { headers, method = '', url = '' } = request;
  trail.known.policyRevision = snapshot.revision;
  const { authentication } = parts;
  const { caller } = await identify(authentication, snapshot, request, headers.authorization, answer, trail);
  // Of the configuration after the token was verified: from here on a newer one ends the request by itself.
  requireTrusted(currentSnapshot(parts.control), trail.known);
  hold.belongTo(caller);
  return { target: admitRoute(method, url), caller };
}

async function receive(parts: Parts, arrival: Arrival, target: Target, trail: Trail): Promise<Received> {
  const body = target.route.hasBody
    ? await readBody(arrival.request, parts.bodyLimits, arrival)
    : new Uint8Array();
  const content = await read(target, body, arrival.request.headers['content-type'], trail);
  trail.known.asked = [...content.opaque, ...content.lines.flatMap((line) => line.opaque)];
  trail.known.model = content.model;
  trail.known.stream = content.stream;
  arrival.hold.takeTexts(content.texts.length);
  return { target, body, content };
}

async function read(
  target: Target,
  body: Uint8Array,
  contentType: string | undefined,
  trail: Trail,
): Promise<ModelRequest> {
  let content: ModelRequest | undefined;
  try {
    content = await readContent(target, body, contentType);
    return content;
  } finally {
    // Of a request that is refused unread as well.
    trail.known.body = recordable(body, content);
  }
}

/** Reads a request's texts for findings, and has policy decide. */
export async function judge(
  parts: Parts,
  snapshot: CompiledSnapshot,
  caller: Caller,
  arrival: Arrival,
  received: Received,
  trail: Trail,
): Promise<Exchange> {
  trail.known.policyRevision = snapshot.revision;
  const { maskingKey } = snapshot;
  const session = parts.sessions.find(
    caller,
    arrival.request.headers,
    received.content,
    maskingKey,
    arrival.session,
  );
  trail.known.session = session;
  requireTrusted(snapshot, trail.known);
  // Whether it is required depends on the verdict, so a failure waits for that.
  const detector = parts.knownTexts.detectorFor(snapshot.detector, caller);
  const look = lookAhead(parts, { detector }, PROMPT_SEGMENTS, false, arrival);
  const counts = await countFindings(detector, received.content.texts, look);
  const { findings, lineFindings } = addFindings(received.content, counts);
  const unseen = look?.failure;
  trail.known.findings = findings;
  trail.known.externalMissing = unseen !== undefined;
  const distinct = snapshot.policies.readsDistinct
    ? await countDistinct(detector, received.content.texts)
    : undefined;
  const facts = circumstancesOf(parts.place, parts.sessionTally, session.name, caller, distinct);
  const { verdict, observed } = await decide(snapshot, caller, received, findings, lineFindings, facts);
  trail.known.verdict = verdict;
  trail.known.observed = observed;
  noteGrant(snapshot, caller, verdict, trail);
  return { arrival, received, caller, session, snapshot, findings, lineFindings, distinct, verdict, unseen };
}

/** Holds what policy wants approved. */
async function awaitApproval(
  parts: Parts,
  exchange: Exchange,
  answer: HeldAnswer,
  trail: Trail,
): Promise<Exchange> {
  if (exchange.verdict.decision.action !== Action.REQUIRE_APPROVAL) return exchange;
  if (trail.known.grant !== undefined || trail.known.breakGlass) return exchange;
  const onAsked = (name: string) => {
    trail.known.approval = name;
  };
  const { target, content, body } = exchange.received;
  const question = await trail.question(fitPrompt(showRequest(target, content, body)));
  const approval = await holdForApproval(parts.control, exchange, question, answer, parts.holdTimes, onAsked);
  const released = await rejudge(parts, currentSnapshot(parts.control), exchange, trail);
  // After what the policy of now says: where it denies, that is what the caller is told.
  if (approval.policyChanged) throw policyChanged();
  if (released !== exchange) admitToLimits(parts, released, planUpstreams(parts, released), trail);
  await trail.release();
  return released;
}

/** Policy may have changed while a reviewer thought; what they approved must still be asked for in the same way. */
async function rejudge(
  parts: Parts,
  snapshot: CompiledSnapshot,
  exchange: Exchange,
  trail: Trail,
): Promise<Exchange> {
  if (snapshot === exchange.snapshot) return exchange;
  requireTrusted(snapshot, trail.known);
  const { caller, received, session } = exchange;
  const { texts, lines } = received.content;
  const detector = parts.knownTexts.detectorFor(snapshot.detector, caller);
  const distinct = snapshot.policies.readsDistinct ? await countDistinct(detector, texts) : undefined;
  const facts = circumstancesOf(parts.place, parts.sessionTally, session.name, caller, distinct);
  const findings = await recountFindings(detector, texts, exchange.findings);
  const lineFindings: FindingCounts[] = [];
  for (const [index, line] of lines.entries()) {
    const before = exchange.lineFindings[index] ?? {};
    lineFindings.push(await recountFindings(detector, line.texts, before));
  }
  const { verdict } = await decide(snapshot, caller, received, findings, lineFindings, facts);
  trail.known.verdict = verdict;
  trail.known.policyRevision = snapshot.revision;
  requireNotDenied(verdict);
  requireSeen({ ...exchange, verdict });
  const { decision } = verdict;
  const before = exchange.verdict.decision;
  const sameQuestion = decision.policy === before.policy && decision.rule === before.rule;
  if (decision.action === Action.REQUIRE_APPROVAL && !sameQuestion) throw policyChanged();
  const { tokenized: _, ...untokenized } = exchange;
  const anew = { ...untokenized, snapshot, findings, lineFindings, distinct, verdict };
  const released = await tokenize(parts, anew, trail);
  requireSameTokens(exchange, released);
  return released;
}

async function handOn(
  parts: Parts,
  upstream: UpstreamAnswer,
  exchange: Exchange,
  answer: Answer,
  trail: Trail,
): Promise<void> {
  const { arrival, received } = exchange;
  const ways = waysOf(parts, exchange, upstream.credentials);
  trail.known.answered = ways.gate;
  const onReading = (reading: Reading) => {
    trail.known.reading = reading;
  };
  const failed = await deliver(upstream, arrival, received, ways, answer, onReading).finally(() => {
    // What was let pass unseen is on record however the answer ended.
    if (ways.look?.failure !== undefined) trail.known.externalMissing = true;
  });
  const { reading } = trail.known;
  if (reading !== undefined) rememberAnswer(parts, exchange, reading.facts, trail);
  await trail.conclude(failed ? OutcomeStatus.UPSTREAM_FAILED : OutcomeStatus.COMPLETED, answer);
  answer.finish();
}
