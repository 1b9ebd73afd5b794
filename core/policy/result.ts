import type { MaskPlan } from '#core/phi/mask.ts';
import type { OpaqueKind } from '#core/provider/openai/content/kind.ts';
import type { Decision } from '#proto/sworn/policy/v1/decision_pb.ts';
import type { ConditionFacts } from './condition/context.ts';
import type { AppliedLimit } from './limit/plan.ts';
import type { OpaqueNeed } from './opaque.ts';
import type { RequestEdit } from './parameters/judge.ts';
import type { TokenPlan } from './tokenize.ts';

/** What is known of a request before it goes anywhere. */
export interface PolicyRequest extends ConditionFacts {
  /** Every text of the prompt. */
  readonly texts: readonly string[];
  /** What it brings, or its answer is made of, that cannot be read. */
  readonly opaque: readonly OpaqueNeed[];
}

/** What the policies say to a request. */
export interface PolicyResult {
  /** Never without an action. */
  readonly decision: Decision;
  /** What the caller is told beside the reason (tellDenial); empty unless denied. */
  readonly denyMessage: string;
  /** Set when the action is REQUIRE_APPROVAL. */
  readonly approval:
    | {
        readonly reviewers: readonly string[];
        readonly expiresMs: number;
        readonly message: string;
        /** Groups of those who may go on at once in an emergency. */
        readonly breakGlass: readonly string[];
      }
    | undefined;
  /** How the answer is to be masked. */
  readonly mask: MaskPlan;
  /** Nothing may go on that the external detector, where there is one, has not seen. */
  readonly externalRequired: boolean;
  /** The kinds of content that cannot be read which an answer may have; undefined: no policy that applies says. */
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
  /** How much may be asked in a time; what is denied has none. */
  readonly limits: readonly AppliedLimit[];
}
