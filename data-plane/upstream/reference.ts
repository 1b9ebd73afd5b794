import type { Received } from '../exchange.ts';
import type { Reference } from './call.ts';

/** Of routes that are about something that is kept already. */
const ABOUT_KEPT: ReadonlySet<string> = new Set(['reads', 'changes', 'deletes']);

/** What a request refers to that an upstream keeps: an answer or conversation that it goes on from, or that its path names. */
export function referenceOf({ target, content }: Received): Reference {
  const { previousResponseId, conversation } = content;
  const bound =
    ABOUT_KEPT.has(target.route.storage) || previousResponseId !== undefined || conversation !== undefined;
  return { bound, ids: bound ? [previousResponseId, conversation, ...Object.values(target.params)] : [] };
}
