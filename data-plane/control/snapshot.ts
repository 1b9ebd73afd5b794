import { type KeyObject, verify } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { addIdentifiers } from '#core/phi/custom/detector.ts';
import type { Detector } from '#core/phi/detect.ts';
import { type CompiledPolicies, compilePolicies } from '#core/policy/compile.ts';
import type { Issuer } from '#proto/sworn/identity/v1/issuer_pb.ts';
import {
  type SignedSnapshot,
  SnapshotSchema,
  type UpstreamGrant,
} from '#proto/sworn/plane/v1/snapshot_pb.ts';

/** Everything that this plane needs to decide by itself, ready to use. */
export interface CompiledSnapshot {
  readonly epoch: string;
  readonly revision: bigint;
  readonly createTimeMs: number;
  readonly policies: CompiledPolicies;
  /** Finds what the catalogue has and what these policies define. */
  readonly detector: Detector;
  readonly issuers: readonly Issuer[];
  readonly upstreams: readonly UpstreamGrant[];
  /** 32 bytes; empty where the control plane is of a version that has none. */
  readonly maskingKey: Uint8Array;
}

/** Why a snapshot is refused. */
export type SnapshotFault = 'bad_signature' | 'unreadable' | 'rolled_back' | 'does_not_compile';

/** A snapshot that is refused; the message goes to the admins. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
  readonly code: SnapshotFault;

  constructor(code: SnapshotFault, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/**
 * Checks the signature over the snapshot's bytes and that it does not go back, and compiles all of it.
 * @param highest the highest revision that was applied, by epoch
 * @param builtIn finds what the catalogue has
 * @throws SnapshotError
 */
export function openSnapshot(
  signed: SignedSnapshot,
  key: KeyObject,
  highest: ReadonlyMap<string, bigint>,
  builtIn: Detector,
): CompiledSnapshot {
  if (!verify(null, signed.snapshot, key, signed.signature)) {
    throw new SnapshotError('bad_signature', 'the signature of the snapshot does not verify');
  }
  const { epoch, revision, createTime, policies, issuers, upstreams, maskingKey } = decode(signed.snapshot);
  const reached = highest.get(epoch) ?? 0n;
  if (revision < reached) {
    throw new SnapshotError(
      'rolled_back',
      `the snapshot has revision ${revision}, but ${reached} was applied already`,
    );
  }
  try {
    const compiled = compilePolicies(policies);
    const createTimeMs = createTime === undefined ? 0 : timestampMs(createTime);
    const detector = addIdentifiers(builtIn, compiled.identifiers);
    return { epoch, revision, createTimeMs, policies: compiled, detector, issuers, upstreams, maskingKey };
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown fault';
    throw new SnapshotError('does_not_compile', `the policies do not compile: ${message}`, error);
  }
}

function decode(bytes: Uint8Array) {
  try {
    return fromBinary(SnapshotSchema, bytes);
  } catch (error) {
    throw new SnapshotError('unreadable', 'the snapshot cannot be decoded', error);
  }
}
