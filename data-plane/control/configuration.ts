import type { KeyObject } from 'node:crypto';
import type { Logger } from 'pino';
import type { Detector } from '#core/phi/detect.ts';
import type { SignedSnapshot } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import type { IntervalKeys } from '../record/interval-key.ts';
import { type CompiledSnapshot, openSnapshot, SnapshotError } from './snapshot.ts';
import type { SnapshotStore } from './snapshot-store.ts';

export interface ConfigurationOptions {
  readonly snapshotKey: KeyObject;
  /** Finds what the catalogue has. */
  readonly detector: Detector;
  readonly store: SnapshotStore;
  /** Get the evidence key of each snapshot before it is in force. */
  readonly intervalKeys: IntervalKeys;
  /** Without contact for longer than this the configuration counts as stale. */
  readonly maxStalenessMs: number;
  /** Called when a snapshot has come into force. */
  readonly onApplied?: ((snapshot: CompiledSnapshot) => void) | undefined;
  /** Called when none is in force any more because the plane was revoked. */
  readonly onRevoked?: (() => void) | undefined;
  readonly logger: Logger;
}

/** What an admin sees of the plane's configuration. */
export interface AppliedState {
  readonly epoch: string;
  readonly appliedRevision: bigint;
  /** Why a newer one was refused, or which part of this one is not understood; empty when all is well. */
  readonly applyError: string;
}

/** The configuration in force: the last good snapshot, for as long as the control plane vouches for it. */
export class Configuration {
  readonly #options: ConfigurationOptions;
  readonly #highest = new Map<string, bigint>();
  #snapshot: CompiledSnapshot | undefined;
  #applied: Uint8Array | undefined;
  /** In force, and not on disk: what is there is an older one. */
  #unsaved: SignedSnapshot | undefined;
  #refused: Uint8Array | undefined;
  #applyError = '';
  #revoked = false;
  /** By both clocks: the wall clock may be set back, and the other one may stand still while a machine sleeps. */
  #contactMs = 0;
  #contactTicks = 0;

  constructor(options: ConfigurationOptions) {
    this.#options = options;
  }

  /** The snapshot in force; undefined when there is none, it is stale, or the plane is revoked. */
  current(): CompiledSnapshot | undefined {
    const { maxStalenessMs } = this.#options;
    if (this.#revoked || Date.now() - this.#contactMs > maxStalenessMs) return undefined;
    return performance.now() - this.#contactTicks > maxStalenessMs ? undefined : this.#snapshot;
  }

  /** Signs receipts, also when what is in force has become stale; undefined before the first snapshot. */
  get receiptKey(): KeyObject | undefined {
    return this.#snapshot?.receiptKey;
  }

  get applied(): AppliedState {
    return {
      epoch: this.#snapshot?.epoch ?? '',
      appliedRevision: this.#snapshot?.revision ?? 0n,
      applyError: this.#applyError,
    };
  }

  /** Takes the last good snapshot from disk into force, as old as it is. What is not good is only logged. */
  async restore(): Promise<void> {
    const { store, logger } = this.#options;
    try {
      const stored = await store.load();
      if (stored === undefined) return;
      this.#enforce(await this.#open(stored.signed), stored.signed);
      const ageMs = Math.max(0, Date.now() - stored.contactMs);
      this.#contactMs = Date.now() - ageMs;
      this.#contactTicks = performance.now() - ageMs;
      logger.info(
        { revision: String(this.#snapshot?.revision), ageMs },
        'started from the last good snapshot',
      );
    } catch (error) {
      logger.error({ err: error }, 'the stored snapshot cannot be used');
    }
  }

  /** The control plane was heard of. It vouches for what is in force, not for an older one that the disk still has. */
  async touch(): Promise<void> {
    this.#contactMs = Date.now();
    this.#contactTicks = performance.now();
    if (this.#snapshot === undefined) return;
    if (this.#unsaved !== undefined) return await this.#save(this.#unsaved);
    await this.#options.store.touch(this.#contactMs).catch((error: unknown) => this.#warn(error));
  }

  /**
   * Takes a snapshot into force, all of it or nothing of it: what cannot be verified or compiled leaves the
   * last good one, and is not tried again until another one comes. True when there is something to report.
   */
  async receive(signed: SignedSnapshot): Promise<boolean> {
    const { logger } = this.#options;
    if (same(signed.snapshot, this.#refused)) return false;
    if (same(signed.snapshot, this.#applied)) return this.#confirm();
    let opened: CompiledSnapshot;
    try {
      opened = await this.#open(signed);
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      this.#refused = signed.snapshot;
      this.#applyError = reportable(`${error.code}: ${error.message}`);
      logger.error({ fault: error.code, running: String(this.#snapshot?.revision) }, 'snapshot refused');
      return true;
    }
    this.#enforce(opened, signed);
    logger.info({ epoch: opened.epoch, revision: String(opened.revision) }, 'snapshot applied');
    await this.#save(signed);
    return true;
  }

  /** The control plane trusts this plane no more: nothing is in force, and the credentials leave the disk. */
  async revoke(): Promise<void> {
    this.#revoked = true;
    this.#snapshot = undefined;
    this.#applied = undefined;
    this.#unsaved = undefined;
    this.#options.onRevoked?.();
    await this.#options.store.remove().catch((error: unknown) => this.#warn(error));
  }

  /** Whatever is in force can be sealed to its evidence key. Throws SnapshotError. */
  async #open(signed: SignedSnapshot): Promise<CompiledSnapshot> {
    const { snapshotKey, detector, intervalKeys } = this.#options;
    const opened = openSnapshot(signed, snapshotKey, this.#highest, detector);
    try {
      await intervalKeys.use(opened.evidenceKey);
    } catch (error) {
      throw new SnapshotError('keys_missing', 'nothing can be sealed to the evidence key', error);
    }
    return opened;
  }

  #enforce(snapshot: CompiledSnapshot, signed: SignedSnapshot): void {
    this.#snapshot = snapshot;
    this.#applied = signed.snapshot;
    this.#refused = undefined;
    this.#applyError = describeGaps(snapshot);
    if (this.#applyError !== '')
      this.#options.logger.error({ gaps: snapshot.gaps }, 'not all of the snapshot is understood');
    this.#revoked = false;
    this.#highest.set(snapshot.epoch, snapshot.revision);
    this.#options.onApplied?.(snapshot);
  }

  /** What is in force is the newest again: what was refused since is not. True when there is something to report. */
  #confirm(): boolean {
    const before = this.#applyError;
    this.#refused = undefined;
    this.#applyError = this.#snapshot === undefined ? '' : describeGaps(this.#snapshot);
    return this.#applyError !== before;
  }

  async #save(signed: SignedSnapshot): Promise<void> {
    this.#unsaved = signed;
    try {
      await this.#options.store.save(signed);
      this.#unsaved = undefined;
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(error: unknown): void {
    this.#options.logger.warn({ err: error }, 'the snapshot cannot be kept on disk');
  }
}

/** From plane_service.proto. */
const APPLY_ERROR_MAX_LENGTH = 4000;

function reportable(words: string): string {
  return words.slice(0, APPLY_ERROR_MAX_LENGTH);
}

function describeGaps({ gaps }: CompiledSnapshot): string {
  if (gaps.length === 0) return '';
  return reportable(
    `not_understood: this plane is too old for ${gaps.join(', ')}: what such a policy applies to is denied, and whom such a revocation may concern; issuers, upstreams and grants are left out, tokens of sessions forgotten; upgrade it`,
  );
}

function same(left: Uint8Array, right: Uint8Array | undefined): boolean {
  return right !== undefined && Buffer.compare(left, right) === 0;
}
