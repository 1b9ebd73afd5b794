import { isCipherKey } from './structure.ts';

/**
 * Members in which servers say the text again as numbers or piece by piece: `token_ids` and `prompt_logprobs` of vLLM,
 * `output_token_logprobs` and `hidden_states` of SGLang, `tokens` and `completion_probabilities` of llama.cpp.
 */
const SPELLING_KEY =
  /(?:^|_)(?:logprobs?|logits|completion_probabilities|tokens|tokens?_ids?|tokens?_strs?|input_ids|output_ids|bytes|hidden_states|routed_experts)$/;
/** A token by itself; `total_tokens` and the like are counts. */
const TOKEN_KEY = /(?:^|_)token_id$/;
/** Integers in a list that nothing is known of: so many may be the tokens or bytes of a text. */
const MIN_SPELLING_INTEGERS = 8;

/**
 * Whether a member of an answer would give away a text that is masked elsewhere: by its key, or as a long list of integers, lists
 * within it included. The vectors of the embeddings API do not count.
 */
export function spellsText(key: string, member: unknown): boolean {
  if (typeof member === 'number') return TOKEN_KEY.test(key);
  if (typeof member !== 'object' || member === null) return false;
  if (SPELLING_KEY.test(key)) return true;
  return Array.isArray(member) && !isCipherKey(key) && isLongIntegers(member);
}

/** Whether so many integers follow one another in a list, or in the lists that it holds. */
function isLongIntegers(list: readonly unknown[]): boolean {
  const items = list.every(Array.isArray) ? list.flat() : list;
  return items.length >= MIN_SPELLING_INTEGERS && items.every(Number.isInteger);
}
