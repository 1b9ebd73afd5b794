import type { ResponseFacts } from '#core/provider/openai/answer/response.ts';
import { costOf } from '#core/upstream/price.ts';
import type { Exchange } from './exchange.ts';
import type { Parts } from './parts.ts';
import type { Trail } from './record/trail.ts';

/** Remembers of an answer what later requests refer to: its session, who keeps it, what it has cost. */
export function rememberAnswer(
  parts: Parts,
  { session, received }: Exchange,
  facts: ResponseFacts,
  trail: Trail,
): void {
  trail.known.ties = parts.sessions.remember(session, facts);
  parts.upstreams.remember(facts.responseId, trail.known.upstream ?? '');
  // Of an answer that is read once more the tokens were counted when it was made.
  const isRead = received.target.route.storage === 'reads';
  const usage = isRead ? undefined : facts.usage;
  const { inputTokens = 0, outputTokens = 0 } = usage ?? {};
  if (usage !== undefined) {
    const isSpoken = received.target.route.answer === 'realtime events';
    const names = isSpoken ? [session.name] : [facts.responseId, received.content.conversation];
    parts.contexts.note(names, usage);
  }
  const price = usage && trail.known.priceOf?.(trail.known.upstream ?? '');
  if (usage !== undefined && price !== undefined) trail.known.costMicros = costOf(price, usage);
  parts.sessionTally.add(session.name, inputTokens + outputTokens, trail.known.costMicros ?? 0);
  // Who asks for what is stored names no model; the answer does.
  trail.known.model ||= facts.model ?? '';
}
