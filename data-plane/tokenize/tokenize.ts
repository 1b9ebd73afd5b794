import type { EntityName } from '#core/phi/entities.ts';
import { createRestorer, type FindValue } from '#core/phi/token/restore.ts';
import type { TokenMap } from '#core/phi/token/token-map.ts';
import { choiceOf, replacedEntities, type TokenPlan } from '#core/policy/tokenize.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import { formatForm } from '#core/provider/openai/form/format.ts';
import { LINES_TYPE } from '#core/provider/openai/realtime/realtime-message.ts';
import { editRequest } from '#core/provider/openai/request/outgoing.ts';
import { readTargetTexts } from '#core/provider/openai/request/target.ts';
import { redactUnread } from '#core/provider/openai/secrets.ts';
import { policyChanged } from '../approval/changed.ts';
import type { Exchange, Received, Verdict } from '../exchange.ts';
import type { Parts } from '../parts.ts';
import type { Trail } from '../record/trail.ts';
import { Replacement, untokenizable } from './replace.ts';
import type { Replaced } from './tokenized.ts';

/**
 * Replaces in a request what policy wants replaced by tokens, and notes for the record what goes upstream. The exchange as it is
 * where policy wants none. Nothing goes on in which the detectors still find a value that was to be replaced.
 *
 * Throws GatewayError `policy_denied` where a value stands at a place that cannot hold a token, `detector_unavailable`, or
 * `not_ready` where the deployment has no key.
 */
export async function tokenize(parts: Parts, exchange: Exchange, trail: Trail): Promise<Exchange> {
  const { verdict, snapshot, caller, session, received } = exchange;
  const plan = verdict.tokenize;
  if (plan === undefined) return exchange;
  const map = parts.tokenSessions.open(snapshot.maskingKey, caller, session.name);
  if (map === undefined) throw new GatewayError('not_ready', 'This plane has no key to make tokens with.');
  const replacement = new Replacement(
    parts,
    exchange,
    replacedEntities(plan, snapshot.detector.entities),
    map,
  );
  const replaced = await replaceIn(exchange, replacement);
  const { entries } = replacement;
  if (replacement.unseen) trail.known.externalMissing = true;
  if (entries.length > 0) {
    trail.known.tokenized = {
      entries,
      sent: redactUnread(sentOf(received, verdict, replaced.outgoing.body)),
    };
  }
  const find = findIn(plan, map, snapshot.detector.entities);
  const restorer = find && createRestorer(find);
  return { ...exchange, tokenized: { ...pick(replaced), entries, map, find, restorer } };
}

/** Throws GatewayError `approval_denied` when other bytes would go upstream than the intent says. */
export function requireSameTokens(before: Exchange, after: Exchange): void {
  if (before.tokenized === undefined && after.tokenized === undefined) return;
  if (Buffer.compare(bytesFor(before), bytesFor(after)) === 0) return;
  throw policyChanged();
}

/** The body that goes to the provider. */
function bytesFor({ tokenized, received, verdict }: Exchange): Uint8Array {
  return sentOf(received, verdict, (tokenized ?? received.content).outgoing.body);
}

function sentOf({ send }: Received, verdict: Verdict, body: Uint8Array): Uint8Array {
  return send?.(body, verdict) ?? editRequest('', body, verdict.edits).body;
}

async function replaceIn({ received }: Exchange, replacement: Replacement): Promise<Replaced> {
  const { target, content } = received;
  // Of a form, what was made of its parts: it alone has been read, and fits the type that goes with it.
  const { body, contentType } = content.outgoing;
  if (replacement.isNeedless) return content;
  const inTarget = await replacement.findLeft(readTargetTexts(target));
  if (inTarget !== undefined) throw untokenizable(inTarget, 'cannot hold a token');
  if (body.length === 0) return content;
  if (content.parts !== undefined && content.lines.length === 0) {
    const parts = await replacement.inForm(target.route, content.parts);
    return { outgoing: formatForm(parts), parts };
  }
  if (content.parts === undefined && contentType !== LINES_TYPE) {
    return { outgoing: { contentType, body: await replacement.inBody(body) } };
  }
  const left = await replacement.findLeft(content.texts);
  if (left !== undefined) throw untokenizable(left, 'is part of what goes on as it is');
  return content;
}

function pick({ outgoing, parts }: Replaced): Replaced {
  return { outgoing, ...(parts && { parts }) };
}

function findIn(plan: TokenPlan, map: TokenMap, entities: ReadonlySet<EntityName>): FindValue | undefined {
  if (!Array.from(entities).some((entity) => choiceOf(plan, entity) === 'restore')) return undefined;
  return (token) => {
    const entry = map.find(token);
    return entry !== undefined && choiceOf(plan, entry.entity) === 'restore' ? entry : undefined;
  };
}
