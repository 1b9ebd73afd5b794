import { createHash } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { type PolicySpec, PolicySpecSchema } from '#proto/sworn/policy/v1/policy_pb.ts';

/** What an approval is bound to: it answers for this and nothing else. */
export interface Binding {
  readonly caller: Caller;
  /** SHA-256 of method, path with its query, and exact body bytes. */
  readonly requestDigest: Uint8Array;
  /** `policies/{id}`. */
  readonly policy: string;
  readonly rule: string;
  /** digestPolicy of what that policy said when it asked. */
  readonly policyDigest: Uint8Array;
}

/** SHA-256 of what a policy says. An approval does not outlive a change of the policy that asked for it. */
export function digestPolicy(spec: PolicySpec): Buffer {
  return createHash('sha256').update(toBinary(PolicySpecSchema, spec)).digest();
}

/** One text for one binding. Every part stands with its length, so that no two bindings run into the same text. */
export function bindingKey(binding: Binding): string {
  const { caller, requestDigest, policy, rule, policyDigest } = binding;
  const hash = createHash('sha256');
  const texts = [caller.issuer, caller.subject, policy, rule].map((text) => Buffer.from(text, 'utf8'));
  for (const part of [...texts, requestDigest, policyDigest]) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex');
}
