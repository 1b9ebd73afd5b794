import { mkdir } from 'node:fs/promises';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { type CallOptions, Code, ConnectError } from '@connectrpc/connect';
import type { Logger } from 'pino';
import type { Detector } from '#core/phi/detect.ts';
import type { Approval } from '#proto/sworn/approval/v1/approval_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { UpstreamHealthSchema } from '#proto/sworn/plane/v1/plane_pb.ts';
import type { RequestApprovalRequestSchema } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import type { UpstreamGrant } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { PRIVATE_FOLDER_MODE } from '../../program/replace-file.ts';
import type { Ledger } from '../limit/ledger.ts';
import { IntervalKeys } from '../record/interval-key.ts';
import { openRecorder, type Recorder } from '../record/recorder.ts';
import { pause } from './backoff.ts';
import { createPlaneClient } from './client.ts';
import { Configuration } from './configuration.ts';
import { type Decision, Decisions } from './decisions.ts';
import { followStream } from './follow.ts';
import { createHeads, type ReceiptError } from './heads.ts';
import { anew, loadIdentity } from './identity.ts';
import { describeFailure, readDetail } from './reason.ts';
import { retryUnavailable } from './retry.ts';
import { createSeal } from './seal.ts';
import type { CompiledSnapshot } from './snapshot.ts';
import { createSnapshotStore } from './snapshot-store.ts';
import { createTokenSource } from './token.ts';
import { startUploader } from './upload.ts';
import { shareUsage } from './usage.ts';

export type { Decision } from './decisions.ts';
export { ControlError } from './error.ts';
export type { CompiledSnapshot } from './snapshot.ts';

/** The plane's side of the control plane: configuration, approvals, records. */
export interface Control {
  /** `planes/{id}` */
  readonly plane: string;
  /** The snapshot in force; undefined when there is none yet, it is staler than allowed, or the plane is revoked. */
  current(): CompiledSnapshot | undefined;
  /** Whether the control plane is being heard of. */
  readonly connected: boolean;
  readonly recorder: Recorder;
  /** Why the control plane's last receipt was not accepted; undefined when it was. Nothing is removed until one is. */
  readonly receiptFault: ReceiptError | undefined;
  /** Asks the reviewers, or finds the approval of an identical request. Rejects with a ConnectError. */
  requestApproval(
    request: MessageInitShape<typeof RequestApprovalRequestSchema>,
    signal: AbortSignal,
  ): Promise<Approval>;
  /** Resolves when the approval is no longer pending; rejects with the signal's reason. Survives reconnects. */
  decided(name: string, signal: AbortSignal): Promise<Decision>;
  /** Turns an approved approval into the one permission to go on. Rejects with a ConnectError. */
  consumeApproval(
    name: string,
    requestDigest: Uint8Array,
    exchange: string,
    signal: AbortSignal,
  ): Promise<Approval>;
  /** Ends a pending approval that nobody here waits for any more; best effort, in the background. */
  withdrawApproval(name: string): void;
  /**
   * Ends the epoch, hands in what the spool has as far as the deadline allows, and stops. The rest goes at the next
   * start. Nothing can be recorded from the call on.
   */
  close(options: { readonly deadlineMs: number }): Promise<void>;
}

export interface ControlOptions {
  readonly controlPlane: URL;
  /** PEM of the authorities that the control plane's certificate may come from; the system's when absent. */
  readonly ca?: string | undefined;
  /** For the first start; later ones have the identity that the first left. */
  readonly joinToken: string | undefined;
  readonly stateDirectory: string;
  /** Without a sign of life of the control plane for longer than this, nothing is in force. */
  readonly maxStalenessMs: number;
  /** Free bytes on the state directory's disk below which no exchange begins; the spool's default when absent. */
  readonly spoolMinFree?: number;
  readonly version: string;
  /** Empty for none. */
  readonly region?: string;
  /** What limits count, to be told of and to learn from the others; nothing is counted when absent. */
  readonly ledger?: Ledger;
  /** How the plane gets on with its upstreams, for its reports. */
  readonly upstreamHealth?: (
    grants: readonly UpstreamGrant[],
  ) => MessageInitShape<typeof UpstreamHealthSchema>[];
  /** Why the external detector did not answer when it was last asked, for its reports; empty when it did. */
  readonly detectorFault?: () => string;
  /** Finds what the catalogue has; each snapshot adds its identifiers. */
  readonly detector: Detector;
  readonly logger: Logger;
  /** Called when a snapshot has come into force. */
  readonly onApplied?: (snapshot: CompiledSnapshot) => void;
  /** Called when none is in force any more because the plane was revoked. */
  readonly onRevoked?: () => void;
  /** A stream without a message for so long is reopened; 30 s. */
  readonly silenceMs?: number;
  /** Between two reports; 10 s. */
  readonly reportIntervalMs?: number;
  /** How long to try to enrol when the control plane does not answer; 60 s. */
  readonly enrollTimeoutMs?: number;
  /** Ends that. */
  readonly signal?: AbortSignal | undefined;
}

const SILENCE_MS = 30_000;
/** Each report has a signed head, so that a plane that has nothing to record differs from one that is silent. */
const REPORT_INTERVAL_MS = 10_000;
const CALL_TIMEOUT_MS = 10_000;

/**
 * Enrols where needed, opens the spool, starts from the last good snapshot and keeps in touch with the control
 * plane from then on. It does not wait for a snapshot: ask `current()`.
 * Throws ControlError, or the system's error when the state directory cannot be used.
 */
export async function startControl(options: ControlOptions): Promise<Control> {
  const { stateDirectory, maxStalenessMs, version, detector, logger } = options;
  const silenceMs = options.silenceMs ?? SILENCE_MS;
  await mkdir(stateDirectory, { recursive: true, mode: PRIVATE_FOLDER_MODE });
  const { name: plane, privateKey, snapshotKey } = await loadIdentity(options);

  const store = createSnapshotStore(stateDirectory, createSeal({ name: plane, privateKey }));
  const intervalKeys = new IntervalKeys();
  const configuration = new Configuration({
    snapshotKey,
    detector,
    store,
    intervalKeys,
    maxStalenessMs,
    onApplied: options.onApplied,
    onRevoked: options.onRevoked,
    logger,
  });
  await configuration.restore();
  const { recorder, spool } = await openRecorder({
    plane,
    stateDirectory,
    intervalKeys,
    logger,
    ...(options.spoolMinFree === undefined ? {} : { lowWaterBytes: options.spoolMinFree }),
  });

  const token = createTokenSource(plane, privateKey);
  const client = createPlaneClient({ controlPlane: options.controlPlane, ca: options.ca, token });
  const heads = createHeads({ name: plane, privateKey });
  const receiptKey = () => configuration.receiptKey;
  const uploader = startUploader({ client, spool, heads, receiptKey, logger });
  const decisions = new Decisions();
  const stop = new AbortController();
  const { signal } = stop;
  let connected = false;

  const report = async (): Promise<void> => {
    const { head: newest, depth } = spool;
    const head = newest && heads.sign(newest);
    const status = {
      ...configuration.applied,
      spoolDepth: BigInt(depth),
      version,
      region: options.region ?? '',
      upstreams: options.upstreamHealth?.(configuration.current()?.upstreams ?? []) ?? [],
      detectorError: options.detectorFault?.() ?? '',
    };
    try {
      await client.rpc.reportStatus(
        { ...status, ...(head && { head }) },
        { signal, timeoutMs: CALL_TIMEOUT_MS },
      );
    } catch (error) {
      if (!signal.aborted) logger.debug(describeFailure(error), 'status cannot be reported');
    }
  };

  const followSnapshots = followStream({
    stream: 'snapshots',
    open: (attempt) => client.rpc.watchSnapshot(configuration.applied, { signal: attempt }),
    onMessage: async ({ snapshot }) => {
      const isNew = !connected;
      connected = true;
      // It may have another database now: one that was restored, or that has again what was missed.
      if (isNew) spool.retrySuspended();
      await configuration.touch();
      const changed = snapshot !== undefined && (await configuration.receive(snapshot));
      if (!isNew && !changed) return;
      uploader.wake();
      void report();
    },
    onEnd: async (error) => {
      connected = false;
      if (readDetail(error)?.reason !== Reason.PLANE_REVOKED) return;
      logger.error(
        { plane },
        'the control plane does not know this plane or has revoked it: nothing is let through. To join anew, ' +
          anew(stateDirectory),
      );
      await configuration.revoke();
    },
    silenceMs,
    logger,
    signal,
  });
  const followApprovals = followStream({
    stream: 'approvals',
    open: (attempt) => client.rpc.watchApprovals({}, { signal: attempt }),
    onMessage: ({ approval }) => {
      if (approval !== undefined) decisions.receive(approval);
    },
    onEnd: () => undefined,
    silenceMs,
    logger,
    signal,
  });
  const reportRegularly = async (): Promise<void> => {
    while (!signal.aborted) {
      await pause(options.reportIntervalMs ?? REPORT_INTERVAL_MS, signal);
      if (!signal.aborted) await report();
    }
  };
  const usage = options.ledger && shareUsage({ client, ledger: options.ledger, silenceMs, logger, signal });
  const running = Promise.all([followSnapshots, followApprovals, reportRegularly(), usage?.running]);

  /** Both calls give the same answer to the same question, so that they may be asked again. */
  const ask = (
    caller: AbortSignal,
    call: (options: CallOptions) => Promise<{ approval?: Approval | undefined }>,
  ) => {
    const either = AbortSignal.any([caller, signal]);
    return retryUnavailable(async () => {
      const { approval } = await call({ signal: either, timeoutMs: CALL_TIMEOUT_MS });
      if (approval !== undefined) return approval;
      throw new ConnectError('the control plane answered without an approval', Code.Internal);
    }, either);
  };

  return {
    plane,
    current: () => configuration.current(),
    get connected() {
      return connected;
    },
    recorder,
    get receiptFault() {
      return uploader.fault;
    },
    requestApproval: (request, caller) =>
      ask(caller, (options) => client.rpc.requestApproval(request, options)),
    decided: (name, caller) => decisions.wait(name, AbortSignal.any([caller, signal])),
    consumeApproval: (name, requestDigest, exchange, caller) =>
      ask(caller, (options) => client.rpc.consumeApproval({ name, requestDigest, exchange }, options)),
    withdrawApproval(name) {
      // An identical request of the same caller may be held here as well.
      if (decisions.isAwaited(name)) return;
      client.rpc
        .withdrawApproval({ name }, { signal, timeoutMs: CALL_TIMEOUT_MS })
        .catch((error: unknown) => logger.debug(describeFailure(error), 'approval cannot be withdrawn'));
    },
    async close({ deadlineMs }) {
      stop.abort(new Error('the plane stops'));
      await recorder
        .end()
        .catch((error: unknown) => logger.error({ err: error }, 'the end of the epoch is not recorded'));
      await Promise.all([running, uploader.flush(deadlineMs), usage?.flush(deadlineMs)]);
      await uploader.close();
      await recorder.close();
      intervalKeys.close();
      client.close();
    },
  };
}
