import { type KeyObject, verify } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { compileGrants, type Grants } from '#core/approval/grants.ts';
import { toPublicKey } from '#core/evidence/signature/ed25519.ts';
import { compileRevocations, type Revocations } from '#core/identity/revocations.ts';
import { addIdentifiers } from '#core/phi/custom/detector.ts';
import type { Detector } from '#core/phi/detect.ts';
import { compilePolicies } from '#core/policy/compile.ts';
import type { CompiledPolicies } from '#core/policy/compiled.ts';
import type { Issuer } from '#proto/sworn/identity/v1/issuer_pb.ts';
import {
  type EvidenceKey,
  type SignedSnapshot,
  type Snapshot,
  SnapshotSchema,
  type UpstreamGrant,
} from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { understand } from './understood.ts';

/** Everything that this plane needs to decide by itself, ready to use. */
export interface CompiledSnapshot {
  readonly epoch: string;
  readonly revision: bigint;
  readonly policies: CompiledPolicies;
  /** Finds what the catalogue has and what these policies define. */
  readonly detector: Detector;
  readonly issuers: readonly Issuer[];
  readonly upstreams: readonly UpstreamGrant[];
  readonly revocations: Revocations;
  readonly grants: Grants;
  /** The sessions whose tokens are forgotten. */
  readonly forgotten: Forgotten;
  /** The names of what this version does not know all of: see `understand`. */
  readonly gaps: readonly string[];
  /** 32 bytes; empty where the control plane is of a version that has none. */
  readonly maskingKey: Uint8Array;
  /** What this plane seals to. */
  readonly evidenceKey: EvidenceKey;
  /** Ed25519; signs what the control plane has stored. */
  readonly receiptKey: KeyObject;
}

/** Sessions of which content was erased. */
export interface Forgotten {
  /** By which revision each was. */
  readonly sessions: readonly { readonly session: string; readonly revision: bigint }[];
  /** None is left out that was erased by a later revision than this. */
  readonly since: bigint;
}

/** X25519 (RFC 7748). */
const EVIDENCE_KEY_BYTES = 32;

/** Why a snapshot is refused. */
export type SnapshotFault =
  | 'bad_signature'
  | 'unreadable'
  | 'rolled_back'
  | 'does_not_compile'
  /** It has no evidence key or no receipt key, or one that is none: nothing could be recorded. */
  | 'keys_missing';

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
  const snapshot = decode(signed.snapshot);
  const { epoch, revision, maskingKey } = snapshot;
  const reached = highest.get(epoch) ?? 0n;
  if (revision < reached) {
    throw new SnapshotError(
      'rolled_back',
      `the snapshot has revision ${revision}, but ${reached} was applied already`,
    );
  }
  const keys = { evidenceKey: evidenceKeyOf(snapshot), receiptKey: receiptKeyOf(snapshot) };
  try {
    const { policies, issuers, upstreams, grants: known, forgottenSince, gaps } = understand(snapshot);
    const compiled = compilePolicies(policies);
    const detector = addIdentifiers(builtIn, compiled.identifiers);
    const revocations = compileRevocations(snapshot.revocations);
    const grants = compileGrants(known);
    const forgotten = { sessions: snapshot.forgottenSessions, since: forgottenSince };
    const given = {
      revocations,
      grants,
      forgotten,
      epoch,
      revision,
      issuers,
      upstreams,
      maskingKey,
      gaps,
      ...keys,
    };
    return { ...given, policies: compiled, detector };
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown fault';
    throw new SnapshotError('does_not_compile', `the policies do not compile: ${message}`, error);
  }
}

function evidenceKeyOf({ evidenceKey }: Snapshot): EvidenceKey {
  if (evidenceKey?.publicKey.length === EVIDENCE_KEY_BYTES && evidenceKey.id !== '') return evidenceKey;
  throw new SnapshotError('keys_missing', 'the snapshot has no evidence key: nothing could be sealed');
}

function receiptKeyOf({ receiptKey }: Snapshot): KeyObject {
  try {
    return toPublicKey(receiptKey);
  } catch (error) {
    throw new SnapshotError('keys_missing', 'the snapshot has no receipt key: no record could go', error);
  }
}

function decode(bytes: Uint8Array) {
  try {
    return fromBinary(SnapshotSchema, bytes);
  } catch (error) {
    throw new SnapshotError('unreadable', 'the snapshot cannot be decoded', error);
  }
}
