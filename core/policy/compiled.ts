import type { PatternSet } from '#core/pattern/set.ts';
import type { CompiledIdentifier } from '#core/phi/custom/identifier.ts';
import type { CustomEntity } from '#core/phi/entities.ts';
import type { MaskPlan } from '#core/phi/mask.ts';
import type { OpaqueKind } from '#core/provider/openai/content/kind.ts';
import type { Rule } from '#proto/sworn/policy/v1/policy_pb.ts';
import type { Condition } from './condition/compile.ts';
import type { NamesRead } from './condition/context.ts';
import type { Matcher } from './glob.ts';
import type { CompiledLimit } from './limit/compile.ts';
import type { CompiledParameters } from './parameters/compile.ts';
import type { TokenPlan } from './tokenize.ts';

/** A rule that is ready to be evaluated. */
export interface CompiledRule {
  readonly name: string;
  /** Undefined: it always holds. */
  readonly condition: Condition | undefined;
  readonly action: Exclude<Rule['action'], { case: undefined }>;
  /** How answers are masked, the policy's own masks included. */
  readonly mask: MaskPlan;
  /** What is replaced by tokens: as it says itself, or else its policy; undefined: nothing. */
  readonly tokenize: TokenPlan | undefined;
  /** The same of how long content is kept. */
  readonly retentionSeconds: number | undefined;
  /** What it alone wants of parameters. */
  readonly parameters: CompiledParameters;
  /** What disclosures are for; empty where neither it nor its policy says. */
  readonly purpose: string;
  /** Its own, beside those of its policy. */
  readonly limits: readonly CompiledLimit[];
}

/** A policy that is ready to be evaluated. */
export interface CompiledPolicy {
  /** `policies/{id}`. */
  readonly name: string;
  /** Undefined: every caller. */
  readonly groups: ReadonlySet<string> | undefined;
  readonly matchesRoute: Matcher;
  /** It says itself which routes it is for. One that does not has a say on all, but allows only those that need no naming. */
  readonly namesRoutes: boolean;
  readonly matchesModel: Matcher;
  readonly rules: readonly CompiledRule[];
  readonly mask: MaskPlan;
  /** What is replaced by tokens in requests; undefined: nothing. */
  readonly tokenize: TokenPlan | undefined;
  /** It has a say in how answers are masked. One of parameters alone, without `mask`, has none. */
  readonly masks: boolean;
  /** Nothing may go on that the external detector, where there is one, has not seen. */
  readonly externalRequired: boolean;
  /** The kinds of content that cannot be read which it lets through; undefined: it does not say. */
  readonly opaque: ReadonlySet<OpaqueKind> | undefined;
  /** Traces may go on to the provider. */
  readonly forwardsTraces: boolean;
  /** How long content is kept, in seconds; undefined: it does not say. */
  readonly retentionSeconds: number | undefined;
  /** The upstreams that may be called, by the last part of their names; empty: it does not say. */
  readonly upstreams: readonly string[];
  /** What requests may ask of the provider. */
  readonly parameters: CompiledParameters;
  /** In which its conditions read the time. */
  readonly timeZone: string;
  /** The patterns that its rules refer to, each with its place in the pattern set of all policies. */
  readonly patterns: ReadonlyMap<string, number>;
  readonly limits: readonly CompiledLimit[];
}

/** All policies of a snapshot, ready to be evaluated. */
export interface CompiledPolicies {
  /** By name: the order in which they were given means nothing. */
  readonly policies: readonly CompiledPolicy[];
  /** All patterns that some rule refers to; undefined when none does. */
  readonly patterns: PatternSet | undefined;
  /** What the policies define themselves, for the detector; each once. */
  readonly identifiers: readonly CompiledIdentifier[];
  /** The names of those. */
  readonly entities: ReadonlySet<CustomEntity>;
  /** The claims and labels that conditions name. */
  readonly names: NamesRead;
  /** Some condition asks how many different values a prompt has. */
  readonly readsDistinct: boolean;
  /** The same with those that only observe, and without those that they would replace; undefined where none observes. */
  readonly observed: CompiledPolicies | undefined;
}
