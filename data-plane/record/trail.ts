import type { MessageInitShape } from '@bufbuild/protobuf';
import { GatewayError } from '#core/provider/openai/error.ts';
import type { PromptText } from '#proto/sworn/approval/v1/approval_pb.ts';
import { type DeliverySchema, OutcomeStatus, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import type { SessionPlace } from '../exchange.ts';
import type { Tie } from '../inspect/session-keys.ts';
import { settle } from '../limit/settle.ts';
import type { AnswerFacts, DeliveredFrame } from '../listener/answer.ts';
import { SpoolError } from '../spool/error.ts';
import { countEntities } from './count.ts';
import { RecordError } from './error.ts';
import type { ExchangeSeal, SealedContent, Soon } from './exchange-seal.ts';
import type { RecordFields } from './fields.ts';
import type { Known } from './known.ts';
import { sealOpaque, totalOpaque } from './opaque.ts';
import type { Recorder } from './recorder.ts';

/** Of a path that is recorded: no route's is longer, and whoever has no token must not fill the spool. */
const MAX_PATH_LENGTH = 1_024;

/** The route of an exchange as its caller wrote it. */
export interface Asked {
  /** The bare exchange id. */
  readonly id: string;
  readonly method: string;
  /** With its query; recorded up to MAX_PATH_LENGTH. */
  readonly path: string;
  /** As records name it. */
  readonly route: string;
}

/** The records of one exchange: an intent, where it waited an approval, and one outcome; or one refusal. */
export class Trail {
  readonly known: Known = {};
  #intended = false;
  readonly #recorder: Recorder;
  readonly #asked: Asked;
  readonly #exchange: string;
  #seal: ExchangeSeal | undefined;
  #keptFrames = 0;

  constructor(recorder: Recorder, asked: Asked) {
    this.#recorder = recorder;
    this.#asked = { ...asked, path: asked.path.slice(0, MAX_PATH_LENGTH) };
    this.#exchange = `exchanges/${asked.id}`;
  }

  /**
   * Makes the intent durable. Nothing may go upstream before. Throws GatewayError `record_failed`, `low_space`, or
   * `body_too_large` where no record could hold it.
   */
  async intend(): Promise<void> {
    const findings = this.known.findings ?? {};
    const opaque = totalOpaque(this.known.asked ?? []);
    const traces = (this.known.traces ?? []).map((tie) => ({ ...tie }));
    const sessionKeys = this.#asking();
    const tokenized = countEntities(this.known.tokenized?.entries ?? []);
    const asked = { ...this.#observed(), findings, opaque, sessionKeys, tokenized };
    await this.#write({ ...this.#common(), kind: RecordKind.INTENT, ...asked, traces }, this.#prompt);
    this.#intended = true;
    // They may be large, and the rest of the exchange long.
    delete this.known.body;
    delete this.known.tokenized;
  }

  /** Makes it durable that an approval lets the request go on. Throws GatewayError `record_failed`. */
  async release(): Promise<void> {
    await this.#write({ ...this.#common(), kind: RecordKind.APPROVAL, action: 'approval.consume' });
  }

  /** Makes durable how it ended and what was delivered. Throws GatewayError `record_failed`. */
  async conclude(status: OutcomeStatus, answer: AnswerFacts): Promise<void> {
    settle(this.known, status, answer, Date.now());
    const { frames } = answer;
    const deliveredBytes = BigInt(frames.reduce((sum, { data }) => sum + data.length, 0));
    const outcome = { status, httpStatus: answer.status, errorCode: answer.errorCode, deliveredBytes };
    if (!this.#intended) {
      const findings = this.known.findings ?? {};
      const opaque = totalOpaque(this.known.asked ?? []);
      const sessionKeys = this.#asking();
      const asked = { ...this.#observed(), findings, opaque, sessionKeys };
      const fields = { ...this.#common(), kind: RecordKind.REFUSAL, outcome, ...asked };
      await this.#write(fields, (seal) => this.#prompt(seal, { contentType: answer.contentType, frames }));
      return;
    }
    const { reading, answered } = this.known;
    const opaque = answered?.contents ?? [];
    const usage = reading?.facts.usage;
    const tokens = usage && {
      inputTokens: BigInt(usage.inputTokens),
      cachedInputTokens: BigInt(usage.cachedInputTokens),
      outputTokens: BigInt(usage.outputTokens),
    };
    const { costMicros } = this.known;
    await this.#write(
      {
        ...this.#common(),
        kind: RecordKind.OUTCOME,
        findings: reading?.counts ?? {},
        restored: reading?.restored ?? {},
        outcome,
        opaque: totalOpaque(opaque),
        sessionKeys: [...(this.known.ties ?? [])],
        ...(tokens === undefined ? {} : { usage: tokens }),
        ...(costMicros === undefined ? {} : { costMicros: BigInt(costMicros) }),
      },
      (seal) => seal.delivery(answer.contentType, frames, sealOpaque(opaque)),
    );
    if (this.#keptFrames > 0) this.#recorder.frames.forget(this.#exchange);
  }

  /**
   * Writes down a piece of the answer that is about to be handed on, so that not even a crash loses what was delivered.
   * Throws GatewayError `record_failed`.
   */
  keep(frame: DeliveredFrame, contentType: string): void {
    try {
      if (this.#seal === undefined) throw new Error('nothing is delivered before the intent');
      const { frames } = this.#recorder;
      if (this.#keptFrames === 0) frames.append(this.#exchange, this.#seal.header);
      frames.append(this.#exchange, this.#seal.piece(this.#keptFrames, contentType, frame));
      this.#keptFrames += 1;
    } catch (cause) {
      throw recordFailed(cause);
    }
  }

  /** What a reviewer will read, sealed: a serialised SealedPayload. Throws GatewayError `record_failed`. */
  async question(texts: PromptText[]): Promise<Uint8Array> {
    try {
      return (await (await this.#requireSeal()).question(texts)).payload;
    } catch (cause) {
      throw recordFailed(cause);
    }
  }

  #common(): RecordFields {
    const { caller, session, verdict, ...known } = this.known;
    return {
      exchange: this.#exchange,
      route: this.#asked.route,
      model: known.model ?? '',
      stream: known.stream ?? false,
      policyRevision: known.policyRevision ?? 0n,
      approval: known.approval ?? '',
      grant: known.grant ?? '',
      breakGlass: known.breakGlass ?? false,
      upstream: known.upstream ?? '',
      upstreamRequestId: known.upstreamRequestId ?? '',
      upstreamModel: known.upstreamModel ?? '',
      upstreamAttempts: (known.upstreamAttempts ?? []).map((attempt) => ({ ...attempt })),
      externalDetectorMissing: known.externalMissing ?? false,
      ...(caller === undefined ? {} : { caller }),
      ...(session === undefined ? {} : placeOf(session)),
      ...(verdict === undefined ? {} : { decision: verdict.decision }),
    };
  }

  #observed(): RecordFields {
    const { observed } = this.known;
    return observed === undefined ? {} : { observed };
  }

  #asking(): Tie[] {
    const { session } = this.known;
    return session?.telling === true ? [...session.ties] : [];
  }

  readonly #prompt = (
    seal: ExchangeSeal,
    refusal?: MessageInitShape<typeof DeliverySchema>,
  ): Soon<SealedContent> => {
    const { method, path } = this.#asked;
    const { body = new Uint8Array(), asked = [], justification = '' } = this.known;
    const opaque = sealOpaque(asked);
    const prompt = { body, method, path, opaque, breakGlassJustification: justification };
    if (refusal !== undefined) return seal.prompt({ ...prompt, refusal });
    const { tokenized } = this.known;
    if (tokenized === undefined) return seal.prompt(prompt);
    const tokens = tokenized.entries.map(({ entity, token, value }) => ({ entity, token, value }));
    return seal.prompt({ ...prompt, sent: tokenized.sent, tokens });
  };

  async #write(fields: RecordFields, content?: (seal: ExchangeSeal) => Soon<SealedContent>): Promise<void> {
    try {
      // A refusal for want of a configuration has no key to seal with, and is on record all the same.
      const isRefusal = fields.kind === RecordKind.REFUSAL;
      const seal = content && (await (isRefusal ? this.#findSeal() : this.#requireSeal()));
      await this.#recorder.write(fields, seal && (await content?.(seal)));
    } catch (cause) {
      if (fields.kind === RecordKind.INTENT && cause instanceof RecordError) throw unrecordable(cause);
      throw recordFailed(cause);
    }
  }

  async #requireSeal(): Promise<ExchangeSeal> {
    const seal = this.#seal ?? (await this.#findSeal());
    if (seal === undefined) throw new Error('there is no evidence key to seal to');
    return seal;
  }

  async #findSeal(): Promise<ExchangeSeal | undefined> {
    this.#seal ??= await this.#recorder.seal(this.#exchange);
    return this.#seal;
  }
}

function placeOf({ name, source, certainty }: SessionPlace): RecordFields {
  return { session: name, sessionSource: source, sessionCertainty: certainty };
}

function recordFailed(cause: unknown): GatewayError {
  if (cause instanceof SpoolError && cause.code === 'low_space') return lowSpace(cause);
  const message = 'The record of this request cannot be written, so it does not go on.';
  return new GatewayError('record_failed', message, { cause });
}

/** It would be the same at every attempt. */
function unrecordable(cause: RecordError): GatewayError {
  const message =
    'The request and what is kept of it beside are larger than a record can be; send less in one request.';
  return new GatewayError('body_too_large', message, { cause });
}

/** The refusal of a request that came when the disk had too little space left to record it. */
export function lowSpace(cause?: SpoolError): GatewayError {
  const message = 'This plane has too little disk space to record this request, so it does not go on.';
  return new GatewayError('low_space', message, { cause });
}

/** How an exchange ended that ended with this error. */
export function statusOf(error: GatewayError, known: Known): OutcomeStatus {
  switch (error.code) {
    case 'draining':
    case 'revoked':
    case 'untrusted_issuer':
      return known.upstream === undefined ? OutcomeStatus.REFUSED : OutcomeStatus.INTERRUPTED;
    case 'upstream_busy':
    case 'upstream_unreachable':
    case 'upstream_timeout':
    case 'upstream_disconnected':
    case 'upstream_unreadable':
    case 'opaque_answer':
      return OutcomeStatus.UPSTREAM_FAILED;
    case 'detector_unavailable':
    case 'too_much_under_way':
      return known.upstream === undefined ? OutcomeStatus.REFUSED : OutcomeStatus.INTERNAL;
    case 'internal':
    case 'record_failed':
      return OutcomeStatus.INTERNAL;
    default:
      return OutcomeStatus.REFUSED;
  }
}
