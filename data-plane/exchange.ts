import type { IncomingMessage } from 'node:http';
import type { FindingCounts, MaskPlan } from '#core/phi/mask.ts';
import type { AppliedLimit } from '#core/policy/limit/plan.ts';
import type { RequestEdit } from '#core/policy/parameters/judge.ts';
import type { TokenPlan } from '#core/policy/tokenize.ts';
import type { OpaqueKind } from '#core/provider/openai/content/kind.ts';
import type { GatewayError } from '#core/provider/openai/error.ts';
import type { ModelRequest } from '#core/provider/openai/request.ts';
import type { ResponseFacts } from '#core/provider/openai/response.ts';
import type { Target } from '#core/provider/openai/target.ts';
import type { SessionCertainty, SessionSource } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Decision } from '#proto/sworn/policy/v1/decision_pb.ts';
import type { CompiledSnapshot } from './control/control.ts';
import type { Tie, TraceTie } from './inspect/session-keys.ts';
import type { Tokenized } from './tokenize/tokenize.ts';

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
  /** Aborts when the caller goes away (reason CLIENT_GONE), and when the plane must stop. */
  readonly signal: AbortSignal;
}

/** The reason with which an arrival's signal aborts when the caller went away. */
export const CLIENT_GONE = 'client gone';

/** A request on a known route, whole. */
export interface Received {
  readonly target: Target;
  /** The exact bytes of the body, decompressed; empty without a body. */
  readonly body: Uint8Array;
  /** The body, read. */
  readonly content: ModelRequest;
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

/** What policy says to a request, with everything that the later stages need of it. */
export interface Verdict {
  readonly decision: Decision;
  readonly denyMessage: string;
  readonly approval:
    | {
        readonly reviewers: readonly string[];
        readonly expiresMs: number;
        readonly breakGlass: readonly string[];
      }
    | undefined;
  readonly mask: MaskPlan;
  /** Whether nothing may go on that the external detector, where there is one, has not seen. */
  readonly externalRequired: boolean;
  /** The kinds of content that cannot be read which the answer may have; undefined: no policy says. */
  readonly opaque: ReadonlySet<OpaqueKind> | undefined;
  /** The upstreams that may be called, in order, by the last part of their names; undefined: the default one. */
  readonly upstreams: readonly string[] | undefined;
  /** What has to be changed in the request before it goes to the provider. */
  readonly edits: readonly RequestEdit[];
  /** What is replaced by tokens in the request before it goes to the provider; undefined: nothing. */
  readonly tokenize: TokenPlan | undefined;
  /** The parameter for which it is denied; empty when it is not, or for something else. */
  readonly param: string;
  /** An export of traces may go on to the provider. */
  readonly forwardsTraces: boolean;
  /** How much may be asked in a time. */
  readonly limits: readonly AppliedLimit[];
}

/** A request that has been read, decided and recorded. */
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
