import type { TokenUsage } from '#core/upstream/price.ts';
import type { SessionTally } from '../policy/session-tally.ts';
import type { Contexts } from './contexts.ts';
import type { Charge, Ledger } from './ledger.ts';

/** What an exchange has to be counted for when it has ended: its session, and limits of tokens and cost. */
export interface Spending {
  readonly ledger: Ledger;
  /** Where it is noted what may be gone on from. */
  readonly contexts: Contexts;
  /** Where it is noted what came to nobody's end, for conditions; what was answered is noted with its answer. */
  readonly sessions: SessionTally;
  readonly charges: readonly Charge[];
  /** What it may come to, at most as far as that is known. */
  readonly estimate: TokenUsage;
  /** Only what the provider says of it counts, unless it breaks off: it answers in pieces that are exchanges of their own. */
  readonly isConversation: boolean;
}

/** The same limits for an exchange that goes on from another one, and has nothing set aside. */
export function goOn(spending: Spending): Spending {
  return { ...spending, charges: spending.charges.map(({ limit }) => ({ limit, amount: 0, held: 0 })) };
}

/** What an exchange is counted for that goes on from others: what it is for itself, and what those are beside that. */
export function unite(own: Spending | undefined, others: Spending | undefined): Spending | undefined {
  if (own === undefined || others === undefined) return own ?? others;
  const ids = new Set(own.charges.map(({ limit }) => limit.id));
  return { ...own, charges: [...own.charges, ...others.charges.filter(({ limit }) => !ids.has(limit.id))] };
}
