import type { Logger } from 'pino';
import type { Answers } from '#core/phi/external/answers.ts';
import { AnalysisError, analysisRequest, readAnalysis } from '#core/phi/external/presidio.ts';
import type { Segment } from '#core/phi/external/segment.ts';
import type { Finding } from '#core/phi/finding.ts';
import { GatewayError } from '#core/provider/openai/error.ts';

/** Asked at a time about one prompt or answer. */
const CONCURRENCY = 8;
/** Of one answer: far more findings than a segment has characters. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** A detector outside of this process. */
export interface ExternalDetector {
  /** Why it did not answer when it was last asked; empty when it did. */
  readonly fault: string;
  /**
   * Asks about all of these segments that are not answered yet, and notes the answers.
   *
   * @param signal of the request: when it aborts, its reason is thrown.
   * @throws GatewayError `detector_unavailable` when any answer is missing, late or malformed.
   */
  ask(segments: readonly Segment[], answers: Answers, signal: AbortSignal): Promise<void>;
}

/** Where the detector is and how long it may take. */
export interface ExternalDetectorOptions {
  /** Of a Presidio Analyzer, without `/analyze`. */
  readonly url: URL;
  /** For all that is asked at once. */
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/** Speaks the HTTP API of Presidio Analyzer (https://microsoft.github.io/presidio/api-docs/api-docs.html). */
export function createExternalDetector({
  url,
  timeoutMs,
  logger,
}: ExternalDetectorOptions): ExternalDetector {
  const analyze = new URL(`${url.href.replace(/\/+$/, '')}/analyze`);
  let fault = '';
  return {
    get fault() {
      return fault;
    },
    ask: async (segments, answers, signal) => {
      const open = answers.open(segments);
      if (open.length === 0) return;
      const failed = new AbortController();
      const late = AbortSignal.timeout(timeoutMs);
      const stop = AbortSignal.any([failed.signal, late, signal]);
      const next = open.values();
      const work = async () => {
        for (const segment of next) answers.add(segment, await analyse(analyze, segment, stop));
      };
      try {
        await Promise.all(Array.from({ length: CONCURRENCY }, work));
        fault = '';
      } catch (cause) {
        failed.abort();
        if (signal.aborted) throw signal.reason;
        fault = late.aborted ? `no answer within ${timeoutMs} ms` : describe(cause);
        logger.warn({ code: 'detector_unavailable', why: fault }, 'the external detector did not answer');
        const message =
          'The external PHI detector did not answer, so the text that it had to see does not go on.';
        throw new GatewayError('detector_unavailable', message, { cause });
      }
    },
  };
}

async function analyse(url: URL, segment: Segment, signal: AbortSignal): Promise<Finding[]> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: analysisRequest(segment),
    redirect: 'error',
    signal,
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new AnalysisError(`status ${response.status}`);
  }
  return readAnalysis(await readBody(response), segment);
}

async function readBody(response: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new AnalysisError('too large');
    chunks.push(chunk);
  }
  try {
    return decoder.decode(Buffer.concat(chunks));
  } catch {
    throw new AnalysisError('not UTF-8');
  }
}

/** Never the words of an answer, which might quote the text. */
function describe(cause: unknown): string {
  if (cause instanceof AnalysisError) return `a malformed answer: ${cause.message}`;
  const { code } = ((cause as Error).cause ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? `unreachable (${code})` : 'unreachable';
}
