/**
 * Which strings of a request are the API's own and no text: its words, ids that were drawn by chance, the model. Stricter than what
 * structure.ts takes for them in answers: the author of a request may write any text in the form of an id or a word.
 */
import { isDrawn } from '../drawn.ts';
import { isIdKey, isName, isWordKey } from '../structure.ts';
import { isKnownWord } from '../words.ts';

/** How providers and SDKs begin ids, and what is too short for a word. Behind any other an id is read. */
const PREFIX =
  '(?:[a-z]{2,3}|apco|asst|audio|batch(?:_req)?|call|cfile|chatcmpl|chatcmpl-tool|cmpl|cntr|conv|ctco|event|file|function|group|item|' +
  'lsho|mcp[alr]|message|modr|part|pmpt|prog|reasoning|request|resp|response|sess|session|skill|span|srvtoolu|step|thread|toolu?|' +
  'trace|turn|upload|vsfb)[_-]';
/** As OpenAI draws most of its ids. Bytes in hexadecimal have letters that make no words. */
const HEXADECIMAL = new RegExp(`^${PREFIX}(?=\\d*[a-f])(?=[a-f]*\\d)[0-9a-f]{16,64}$`);
const UUID = new RegExp(`^(?:${PREFIX})?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$`);
const FINGERPRINT = /^fp_[0-9a-f]{10}$/;
/** Letters and digits of all sorts, or twelve bytes in base64url. */
const LETTERS_AND_DIGITS = new RegExp(
  `^${PREFIX}([A-Za-z0-9]{12,64}|(?!.*\\d{3}-\\d{2}-\\d{4})[A-Za-z0-9_-]{16})$`,
);

/** Where a request names its model: by itself, in an event of a session, in a line of a batch. Policy goes by that. */
const MODEL_PLACES: ReadonlySet<string> = new Set(['model', 'session.model', 'body.model']);
/** What OpenAI calls models of tools and of transcriptions, which have dates in them. */
const OPENAI_MODEL =
  /^(?=.{1,64}$)(?:gpt|chatgpt|o|whisper|tts|dall-e|text-embedding|text-moderation|omni-moderation|codex|computer-use)(?:-?\d{1,2}(?:\.\d{1,2})?o?)?(?:-(?:20\d\d-[01]\d-[0-3]\d|\d{1,4}[bk]?|\d\.\d|ada|audio|chat|codex|deep|diarize|hd|image|instruct|large|latest|max|mini|nano|oss|preview|pro|realtime|research|search|small|stable|transcribe|translate|tts|turbo|vision|whisper))*$/;

/**
 * @param place where the string stands, as readTexts tells it
 */
export function isRequestName(key: string, value: string, place: string): boolean {
  if (isWordKey(key)) return isKnownWord(key, value);
  if (isIdKey(key)) return isDrawnId(value);
  return key === 'model' && (MODEL_PLACES.has(place) ? isName(key, value) : OPENAI_MODEL.test(value));
}

/** True for an id that nobody can have put words into. */
export function isDrawnId(id: string): boolean {
  if (HEXADECIMAL.test(id) || UUID.test(id) || FINGERPRINT.test(id)) return true;
  const [, drawn] = LETTERS_AND_DIGITS.exec(id) ?? [];
  return drawn !== undefined && isDrawn(drawn);
}
