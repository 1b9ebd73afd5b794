import type { IncomingMessage } from 'node:http';
import type { FindingCounts } from '#core/phi/mask.ts';
import type { PolicyResult } from '#core/policy/result.ts';
import type { ResponseFacts } from '#core/provider/openai/answer/response.ts';
import type { GatewayError } from '#core/provider/openai/error.ts';
import type { ModelRequest } from '#core/provider/openai/request/request.ts';
import type { Target } from '#core/provider/openai/request/target.ts';
import type { SessionCertainty, SessionSource } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Hold } from './budget/budget.ts';
import type { CompiledSnapshot } from './control/control.ts';
import type { Tie, TraceTie } from './inspect/session-keys.ts';
import type { Tokenized } from './tokenize/tokenized.ts';

/** One HTTP request, or one message of a connection, as the listener took it in. */
export interface Arrival {
  /** UUIDv7; the caller sees it as `x-request-id`. */
  readonly id: string;
  /** Monotonic milliseconds at the arrival (`performance.now()`). */
  readonly startedMs: number;
  /** The request; of a message that by which its connection began. */
  readonly request: IncomingMessage;
  /** Cuts the caller's connection. */
  readonly cut: () => void;
  /** Of the connection: what its first message began, unless it said that it goes on elsewhere. */
  readonly session?: string | undefined;
  /** What is in memory for it until it is over: its body, its answer. */
  readonly hold: Hold;
  /** Aborts when the caller goes away (reason CLIENT_GONE), and when the plane must stop. */
  readonly signal: AbortSignal;
}

/** The reason with which an arrival's signal aborts when the caller went away. */
export const CLIENT_GONE = 'client gone';

/** Throws CLIENT_GONE when the caller has gone: no record says that they got what comes next. */
export function requireCaller({ signal }: Arrival): void {
  if (signal.reason === CLIENT_GONE) throw CLIENT_GONE;
}

/** A request on a known route, whole. */
export interface Received {
  readonly target: Target;
  /** The exact bytes of the body, decompressed; empty without a body. */
  readonly body: Uint8Array;
  /** The body, read. */
  readonly content: ModelRequest;
  /** What goes to the provider of a body, with tokens or not; absent: the body with the verdict's edits. */
  readonly send?: (body: Uint8Array, verdict: Verdict) => Uint8Array;
}

/** The session that an exchange belongs to, and how that was found. */
export interface SessionPlace {
  /** `sessions/{id}`. */
  readonly name: string;
  readonly source: SessionSource;
  readonly certainty: SessionCertainty;
  /** What in the request refers for certain to other exchanges, which this plane does not know. */
  readonly ties: readonly Tie[];
  /** What it says of traces, for an export of them. */
  readonly traces: readonly TraceTie[];
  /** Ties may stand in records. */
  readonly telling: boolean;
  /** What later requests can refer to the exchange by. */
  tiesOf(facts: ResponseFacts): readonly Tie[];
}

/** What policy says to a request. */
export type Verdict = PolicyResult;

/** A request that has been read, and that policy has judged. */
export interface Exchange {
  readonly arrival: Arrival;
  readonly received: Received;
  readonly caller: Caller;
  readonly session: SessionPlace;
  readonly snapshot: CompiledSnapshot;
  readonly findings: FindingCounts;
  /** Those in each of its lines. */
  readonly lineFindings: readonly FindingCounts[];
  /** How many different values the prompt has, by entity; undefined where no policy asks for it. */
  readonly distinct: FindingCounts | undefined;
  readonly verdict: Verdict;
  /** Why the external detector has not seen the prompt, where it should have. */
  readonly unseen: GatewayError | undefined;
  /** What became of it by tokens; absent where policy wants none. */
  readonly tokenized?: Tokenized;
}
