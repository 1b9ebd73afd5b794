import { wordBefore } from './beside.ts';
import type { Claims } from './claim.ts';
import { PERSON_DOES } from './cues.ts';
import type { Word } from './run.ts';

/** Programs that are spoken to by a name. */
const ASSISTANTS: ReadonlySet<string> = new Set('claude alexa siri gemini copilot cortana bixby'.split(' '));

/** "Hi Claude,", "You are Juno, a helpful assistant": a program, not somebody. */
export function isAssistant(claims: Claims, index: number, after: string): boolean {
  const { words, left } = claims.run;
  const word = words[index] as Word;
  if (word.possessive) return false;
  if (index === 0 && left.words[0] === 'are' && left.words[1] === 'you') return true;
  if (!ASSISTANTS.has(word.text) || words.length > index + 1) return false;
  return (
    /^(?:|hi|hey|hello|ok|okay|thanks|ask|dear|using|with)$/.test(wordBefore(claims, index)) &&
    !PERSON_DOES.has(after)
  );
}
