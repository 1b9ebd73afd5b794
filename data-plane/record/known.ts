import type { FindingCounts } from '#core/phi/mask.ts';
import type { TokenEntry } from '#core/phi/token/token-map.ts';
import type { OpaqueContent } from '#core/provider/openai/content/opaque.ts';
import type { Price } from '#core/upstream/price.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Decision } from '#proto/sworn/policy/v1/decision_pb.ts';
import type { SessionPlace, Verdict } from '../exchange.ts';
import type { Tie, TraceTie } from '../inspect/session-keys.ts';
import type { Spending } from '../limit/spending.ts';
import type { Reading } from '../mask/deliver.ts';
import type { Attempt } from '../upstream/call.ts';

/** A call of an upstream, whose answer may still be coming. */
export interface Call {
  /** By `performance.now()`; undefined on a connection, where answers have no beginning that is known. */
  readonly startedMs: number | undefined;
  /** What has come of its answer so far. */
  readonly bytes: () => number;
}

/** What is known of an exchange; stages note here what they learn, and each record has all of it. */
export interface Known {
  caller?: Caller;
  model?: string;
  stream?: boolean;
  session?: SessionPlace;
  policyRevision?: bigint;
  findings?: FindingCounts;
  /** Some text was seen by the built-in detector alone, though there is an external one. */
  externalMissing?: boolean;
  verdict?: Verdict;
  /** What would have been decided if policies that only observe counted. */
  observed?: Decision | undefined;
  body?: Uint8Array;
  /** Of values that were replaced by tokens: what stands for what, and the body that goes upstream. */
  tokenized?: { readonly entries: readonly TokenEntry[]; readonly sent: Uint8Array };
  /** What in it was not read. */
  asked?: readonly OpaqueContent[];
  /** What in the answer was not read, so far. */
  answered?: { readonly contents: readonly OpaqueContent[] };
  /** `approvals/{id}` that it waited for, or that its grant came from. */
  approval?: string;
  /** `grants/{id}` by which it did not have to wait. */
  grant?: string;
  /** Why its caller wants to go on without an approval, and whether they did. */
  justification?: string;
  breakGlass?: boolean;
  /** `upstreams/{id}` that was called. */
  upstream?: string;
  call?: Call;
  upstreamRequestId?: string;
  /** What the model was called there, where that is another name. */
  upstreamModel?: string | undefined;
  /** Those that were tried before it, and have not acted on the request. */
  upstreamAttempts?: readonly Attempt[];
  /** What later requests can refer to the answer by. */
  ties?: readonly Tie[];
  /** What an accepted export of traces ties together. */
  traces?: readonly TraceTie[];
  /** What a model costs at an upstream; undefined where it has no price. */
  priceOf?: (upstream: string) => Price | undefined;
  /** What the tokens have cost, in millionths. */
  costMicros?: number;
  /** The limits that it is to be counted for. */
  spending?: Spending;
  /** The limits that it was counted for, by the ids of their counters. */
  counted?: ReadonlySet<string>;
  /** What was masked in the answer and learnt from it, so far. */
  reading?: Reading;
}
