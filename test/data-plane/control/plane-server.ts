import { createPublicKey, generateKeyPairSync, hash, type KeyObject, sign, verify } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { timestampDate, timestampFromDate, timestampFromMs, timestampNow } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { decodeJwt, jwtVerify } from 'jose';
import { possessionBytes } from '#core/enrollment/possession.ts';
import { createSigner, rawPublicKey } from '#core/evidence/signature/ed25519.ts';
import { signStatement, verifyStatement } from '#core/evidence/statement/sign.ts';
import { formatStatement } from '#core/evidence/statement/statement.ts';
import { type Approval, ApprovalSchema, State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { type Record, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { ErrorDetailSchema, Reason } from '#proto/sworn/error/v1/error_pb.ts';
import {
  PlaneService,
  type RecordEntry,
  type ReportStatusRequest,
  type RequestApprovalRequest,
  type SignedHead,
  SignedHeadSchema,
} from '#proto/sworn/plane/v1/plane_service_pb.ts';
import {
  type SignedSnapshot,
  SignedSnapshotSchema,
  SnapshotSchema,
} from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { freePort } from '../../../program/free-port.ts';
import { TestEvidenceKey } from '../../env/evidence.ts';

/** A record as it came. */
export interface Stored {
  readonly bytes: Uint8Array;
  readonly payload: Uint8Array;
  readonly record: Record;
}

export const JOIN_TOKEN = 'join-token-for-tests';
const APPROVAL_LIFETIME_MS = 60_000;

/** The planes' side of a control plane over the real protocol, with its state in memory; it can stop and start. */
export class PlaneServer {
  readonly snapshotKeys = generateKeyPairSync('ed25519');
  readonly receiptKeys = generateKeyPairSync('ed25519');
  readonly evidence = new TestEvidenceKey();
  readonly planes = new Map<string, KeyObject>();
  readonly joinTokens = new Set([JOIN_TOKEN]);
  readonly reports: ReportStatusRequest[] = [];
  readonly withdrawn: string[] = [];
  /** The stored records by epoch, in the order of their seq. */
  readonly stored = new Map<bigint, Stored[]>();
  /** The heads that came with records; those of reports are in `reports`. */
  readonly heads: SignedHead[] = [];
  /** What planes asked to be approved. */
  readonly questions: RequestApprovalRequest[] = [];
  /** What becomes of a receipt on its way. */
  spoilReceipt: (receipt: SignedHead) => SignedHead | undefined = (receipt) => receipt;
  readonly approvals = new Map<string, Approval>();
  /** The sizes of the batches that came. */
  batches: number[] = [];
  batchMaxEntries = 1_000;
  /** What it says to batches that have more. */
  batchRefusal = Code.ResourceExhausted;
  /** How many batches had more. */
  tooLarge = 0;
  /** How long the calls with batches might take, as their planes said, in milliseconds. */
  readonly batchTimeoutsMs: number[] = [];
  heartbeatMs = 50;
  /** Sends no heartbeats. */
  silent = false;
  /** How many streams were opened. */
  watches = 0;
  revoked = false;
  #signed: SignedSnapshot | undefined;
  #server: Server | undefined;
  #port = 0;
  #stop = new AbortController();
  readonly #changed = new Set<() => void>();

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.#port}`);
  }

  /** Every record stored, of all epochs. */
  get records(): Record[] {
    return [...this.stored.values()].flat().map(({ record }) => record);
  }

  async start(): Promise<void> {
    this.#stop = new AbortController();
    const handler = connectNodeAdapter({
      routes: (router) => this.#routes(router),
      readMaxBytes: 32 * 1024 * 1024,
    });
    this.#server = createServer(handler);
    // None that the system gives to connections: it starts again on the same one.
    this.#port ||= await freePort();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.on('error', reject);
    this.#server.listen(this.#port, '127.0.0.1', resolve);
    await promise;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    this.#server?.closeAllConnections();
    await closed;
  }

  /** Signs a snapshot with the server's key, or with another one; the keys that every snapshot has are added. */
  sign(
    snapshot: MessageInitShape<typeof SnapshotSchema>,
    key = this.snapshotKeys.privateKey,
  ): SignedSnapshot {
    const bytes = toBinary(
      SnapshotSchema,
      create(SnapshotSchema, {
        createTime: timestampNow(),
        evidenceKey: this.evidence.evidenceKey,
        receiptKey: rawPublicKey(this.receiptKeys.publicKey),
        ...snapshot,
      }),
    );
    return create(SignedSnapshotSchema, { snapshot: bytes, signature: sign(null, bytes, key) });
  }

  publish(signed: SignedSnapshot): void {
    this.#signed = signed;
    this.#notify();
  }

  decide(name: string, state: State): void {
    this.approvals.set(name, create(ApprovalSchema, { name, state }));
    this.#notify();
  }

  #notify(): void {
    for (const changed of this.#changed) changed();
  }

  #routes(router: ConnectRouter): void {
    router.service(PlaneService, {
      enroll: ({ joinToken, publicKey, possession }) => {
        const x = Buffer.from(publicKey).toString('base64url');
        const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
        if (
          !verify(null, possessionBytes(joinToken), key, possession) ||
          !this.joinTokens.delete(joinToken)
        ) {
          throw failure(Reason.JOIN_TOKEN_INVALID, Code.PermissionDenied);
        }
        const name = `planes/test-${this.planes.size + 1}`;
        this.planes.set(name, key);
        const snapshotKey = this.snapshotKeys.publicKey.export({ format: 'jwk' }).x ?? '';
        return { name, snapshotKey: Buffer.from(snapshotKey, 'base64url') };
      },
      watchSnapshot: (_request, context) => {
        let sent: SignedSnapshot | undefined;
        return this.#watch(context, () => {
          if (this.#signed === sent || this.#signed === undefined) return undefined;
          sent = this.#signed;
          return { snapshot: sent };
        });
      },
      watchApprovals: (_request, context) => {
        const sent = new Map<string, Approval>();
        return this.#watch(context, () => {
          const approval = [...this.approvals.values()].find((one) => sent.get(one.name) !== one);
          if (approval === undefined) return undefined;
          sent.set(approval.name, approval);
          return { approval };
        });
      },
      reportStatus: async (request, context) => {
        const plane = await this.#authenticate(context);
        this.#checkHead(plane, request.head);
        this.reports.push(request);
        return {};
      },
      appendRecords: async ({ entries, head }, context) => {
        const plane = await this.#authenticate(context);
        this.batchTimeoutsMs.push(Number(context.requestHeader.get('connect-timeout-ms')));
        this.#checkHead(plane, head);
        const last = hash('sha256', entries.at(-1)?.record ?? '', 'buffer');
        if (!last.equals(head?.head?.digest ?? new Uint8Array())) throw failure(Reason.INVALID_ARGUMENT);
        if (head !== undefined) this.heads.push(head);
        return this.#append(plane, entries);
      },
      requestApproval: async (request, context) => {
        await this.#authenticate(context);
        this.questions.push(request);
        const name = `approvals/${request.exchange.split('/')[1]}`;
        const expireTime = timestampFromMs(Date.now() + APPROVAL_LIFETIME_MS);
        const { exchange } = request;
        const approval = create(ApprovalSchema, { name, state: State.PENDING, exchange, expireTime });
        this.approvals.set(name, approval);
        return { approval };
      },
      consumeApproval: async ({ name }, context) => {
        await this.#authenticate(context);
        if (this.approvals.get(name)?.state !== State.APPROVED) {
          throw failure(Reason.APPROVAL_NOT_USABLE, Code.FailedPrecondition);
        }
        const approval = create(ApprovalSchema, { name, state: State.CONSUMED });
        this.approvals.set(name, approval);
        return { approval };
      },
      withdrawApproval: async ({ name }, context) => {
        await this.#authenticate(context);
        this.withdrawn.push(name);
        return {};
      },
    });
  }

  /** Everything that `next` has, and heartbeats while it has nothing. */
  async *#watch<T extends object>(context: HandlerContext, next: () => T | undefined) {
    await this.#authenticate(context);
    this.watches += 1;
    const ended = AbortSignal.any([context.signal, this.#stop.signal]);
    while (!ended.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const value = next();
      yield value ?? {};
      if (value !== undefined) continue;
      this.#changed.add(resolve);
      ended.addEventListener('abort', () => resolve(), { once: true });
      const timer = this.silent ? undefined : setTimeout(resolve, this.heartbeatMs);
      await promise;
      clearTimeout(timer);
      this.#changed.delete(resolve);
    }
  }

  /** The name of the plane that calls. */
  async #authenticate(context: HandlerContext): Promise<string> {
    if (this.revoked) throw failure(Reason.PLANE_REVOKED, Code.PermissionDenied);
    const token = context.requestHeader.get('authorization')?.slice('Bearer '.length) ?? '';
    try {
      const { payload } = await jwtVerify(
        token,
        () => {
          const key = this.planes.get(decodeJwt(token).iss ?? '');
          if (key === undefined) throw new Error('unknown plane');
          return key;
        },
        {
          audience: 'sworn-control-plane',
          algorithms: ['EdDSA'],
          requiredClaims: ['exp', 'sub'],
          maxTokenAge: '120s',
        },
      );
      return payload.iss ?? '';
    } catch {
      throw failure(Reason.UNAUTHENTICATED, Code.Unauthenticated);
    }
  }

  /** Refuses a head that this plane has not signed. */
  #checkHead(plane: string, signed: SignedHead | undefined): void {
    const key = this.planes.get(plane);
    if (signed?.head?.plane !== plane || signed.time === undefined || key === undefined) {
      throw failure(Reason.INVALID_ARGUMENT);
    }
    const text = formatStatement('head', { ...signed.head, time: timestampDate(signed.time) });
    verifyStatement('head', { text, signature: signed.signature }, key);
  }

  /** A receipt for what is stored of the epoch. */
  receipt(plane: string, epoch: bigint, digest?: Uint8Array): SignedHead {
    const stored = this.stored.get(epoch) ?? [];
    const own = hash('sha256', stored.at(-1)?.bytes ?? '', 'buffer');
    const head = { plane, epoch, seq: BigInt(stored.length), digest: digest ?? own };
    const time = new Date();
    const { signature } = signStatement(
      'receipt',
      { ...head, time },
      createSigner(this.receiptKeys.privateKey),
    );
    return create(SignedHeadSchema, { head, time: timestampFromDate(time), signature });
  }

  #append(plane: string, entries: readonly RecordEntry[]) {
    if (entries.length > this.batchMaxEntries) {
      this.tooLarge += 1;
      throw new ConnectError('too large', this.batchRefusal);
    }
    this.batches.push(entries.length);
    const read = entries.map(({ record, payload }) => ({
      bytes: record,
      payload,
      record: fromBinary(RecordSchema, record),
    }));
    const epoch = read[0]?.record.epoch ?? 0n;
    const known = this.stored.get(epoch) ?? [];
    for (const entry of read) {
      const { seq, prevHash } = entry.record;
      if (seq > known.length + 1) {
        throw failure(Reason.RECORD_GAP, Code.FailedPrecondition, {
          epoch: `${epoch}`,
          seq: `${known.length + 1}`,
        });
      }
      const same = known[Number(seq) - 1];
      if (same !== undefined) {
        if (Buffer.compare(same.bytes, entry.bytes) === 0) continue;
        throw failure(Reason.RECORD_CONFLICT, Code.AlreadyExists);
      }
      const before = known.at(-1);
      const expected = before === undefined ? Buffer.alloc(32) : hash('sha256', before.bytes, 'buffer');
      if (!expected.equals(prevHash)) throw failure(Reason.RECORD_CONFLICT, Code.AlreadyExists);
      known.push(entry);
    }
    this.stored.set(epoch, known);
    const receipt = this.spoilReceipt(this.receipt(plane, epoch));
    return { epoch, acknowledgedSeq: BigInt(known.length), ...(receipt && { receipt }) };
  }
}

function failure(
  reason: Reason,
  code = Code.InvalidArgument,
  metadata: { [key: string]: string } = {},
): ConnectError {
  return new ConnectError('refused', code, undefined, [
    { desc: ErrorDetailSchema, value: { reason, metadata } },
  ]);
}
