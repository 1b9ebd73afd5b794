import type { RequestEdit } from '#core/policy/parameters/judge.ts';
import type { AnswerKind, Route } from '#core/provider/openai/routes/route.ts';
import type { TokenUsage } from '#core/upstream/price.ts';
import type { Exchange } from '../exchange.ts';
import type { Call } from '../record/known.ts';

/** English text has about as many characters for each token (https://platform.openai.com/tokenizer); other scripts more bytes for a character, and more tokens. */
const BYTES_PER_TOKEN = 4;
/**
 * The most that tiles of a picture in full detail come to is 1,445, 85 and 170 for each of eight
 * (https://platform.openai.com/docs/guides/images-vision). As many stand for sound and the like.
 */
const TOKENS_OF_PICTURE = 1_500;
/**
 * Each page of a PDF counts as a picture and as text (https://platform.openai.com/docs/guides/pdf-files), and how many there are
 * nobody knows before: so many are of some five pages.
 */
const TOKENS_OF_FILE = 10_000;
/** The faster of the models that think make about as many, and say nothing meanwhile. */
const TOKENS_PER_SECOND = 200;

/** Answers that a model gives for tokens. */
const ASKING: ReadonlySet<AnswerKind> = new Set<AnswerKind>([
  'response',
  'compaction',
  'chat completion',
  'completion',
  'embeddings',
  'transcript',
  'speech',
  'images',
  'response events',
  'realtime events',
]);
/** No model answers with more, and a request that names more must not set aside what others may spend. */
const MAX_OUTPUT_TOKENS = 1_000_000;
/** The most that the provider takes: https://platform.openai.com/docs/api-reference/chat/create. */
const MAX_ANSWERS = 128;
const OUTPUT_MEMBERS = new Set(['max_output_tokens', 'max_completion_tokens', 'max_tokens']);

/** Whether a route asks a model, and not only for what is kept of an earlier answer. */
export function asksModel({ answer, storage }: Route): boolean {
  return (
    ASKING.has(answer) && (storage === 'nothing' || storage === 'by default' || storage === 'on request')
  );
}

/**
 * What a request may come to, before the provider has counted: `outputTokens` is 0 where nobody says how many there may be.
 *
 * @param context tokens of what it goes on from without saying it again
 */
export function estimate({ received, verdict }: Exchange, context: number): TokenUsage {
  const { texts, opaque, elsewhere, parameters } = received.content;
  let bytes = 0;
  for (const { text } of texts) bytes += Buffer.byteLength(text);
  const documents = opaque.filter(({ kind }) => kind === 'pdf').length;
  const files = documents + (elsewhere?.files ?? 0);
  const pictures = opaque.length - documents + (elsewhere?.pictures ?? 0);
  const answers = Math.max(1, ...numbersOf(parameters.get('n')?.values));
  const asked = Math.max(0, ...numbersOf(parameters.get('max_output_tokens')?.values));
  return {
    inputTokens: tokensOf(bytes) + pictures * TOKENS_OF_PICTURE + files * TOKENS_OF_FILE + context,
    cachedInputTokens: 0,
    outputTokens:
      Math.min(editedOutput(verdict.edits) ?? asked, MAX_OUTPUT_TOKENS) * Math.min(answers, MAX_ANSWERS),
  };
}

/**
 * What an answer may have of tokens that nobody has counted: by what came of it, and by how long it took, since a model that
 * thinks is paid for it and shows nothing.
 */
export function outputOf({ startedMs, bytes }: Call, nowMs: number): number {
  const seconds = startedMs === undefined ? 0 : (nowMs - startedMs) / 1_000;
  return Math.max(tokensOf(bytes()), Math.ceil(seconds * TOKENS_PER_SECOND));
}

/** About as many tokens as so many bytes have. */
function tokensOf(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

/** What policy has made of how many tokens the answer may have; undefined where it has changed nothing. */
function editedOutput(edits: readonly RequestEdit[]): number | undefined {
  const set = edits.flatMap((edit) => {
    const [member] = 'path' in edit ? edit.path : [];
    const value = 'path' in edit ? edit.value : undefined;
    return typeof value === 'number' && OUTPUT_MEMBERS.has(String(member)) ? [value] : [];
  });
  return set.length === 0 ? undefined : Math.max(...set);
}

function numbersOf(values: readonly unknown[] = []): number[] {
  return values.filter((value) => typeof value === 'number');
}
