import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { HandlerContext, ServiceImpl } from '@connectrpc/connect';
import { toMessage } from '#core/limit/counter.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { consumeApproval } from '../approval/consume.ts';
import { requestApproval } from '../approval/request.ts';
import { watchForPlane } from '../approval/watch.ts';
import { withdrawApproval } from '../approval/withdraw.ts';
import { receiveHeartbeat } from '../audit/heartbeat.ts';
import { appendRecords } from '../audit/receive.ts';
import type { Context } from '../context.ts';
import { type Distribution, startDistribution } from '../distribution/start.ts';
import { watchSnapshot } from '../distribution/watch.ts';
import { enrollPlane } from '../enrollment/enroll.ts';
import { createJoinToken, withdrawJoinTokens } from '../enrollment/join-token.ts';
import { endTrust } from '../enrollment/revoke.ts';
import { describePlane } from '../enrollment/sync-state.ts';
import { readSnapshotHead } from '../storage/configuration/heads.ts';
import { listPlanes, storeReport } from '../storage/configuration/planes.ts';
import { watchUsage } from '../usage/feed.ts';
import { reportUsage } from '../usage/report.ts';
import { fail } from './fail.ts';
import { getPerson, getPlane } from './identity.ts';
import { readPage } from './paging.ts';
import { nameOf, takePage } from './take-page.ts';

const PLANES = 'planes';

/**
 * PlaneService: planes join, get their snapshot, hand in records and ask for approvals; admins see them.
 * @param onChange is called when the configuration may have changed
 */
export function createPlaneService(context: Context, onChange: () => void): ServiceImpl<typeof PlaneService> {
  const { database } = context;
  const distribution = startDistribution(context, onChange);
  const { publisher, connections } = distribution;

  return {
    async listPlanes(request) {
      const page = readPage(request, PLANES);
      const { items, nextPageToken } = takePage(await listPlanes(database, page), page.limit, PLANES, nameOf);
      const head = await readSnapshotHead(database);
      return { planes: items.map((plane) => describePlane(plane, head, context.now())), nextPageToken };
    },

    async createJoinToken({ displayName }, call) {
      const created = await createJoinToken(context, getPerson(call).caller, displayName);
      return { joinToken: created.joinToken, expireTime: timestampFromDate(created.expireTime) };
    },

    async withdrawJoinTokens({ displayName }, call) {
      return { withdrawn: await withdrawJoinTokens(context, getPerson(call).caller, displayName) };
    },

    async revokePlane({ name }, call) {
      const plane = await endTrust(context, getPerson(call).caller, name);
      await connections.sweep();
      return { plane: describePlane(plane, await readSnapshotHead(database), context.now()) };
    },

    async enroll(request) {
      // First, so that a join token is not used up while the key cannot be read.
      const { publicKey } = await publisher.key();
      return { name: await enrollPlane(context, request), snapshotKey: publicKey };
    },

    async *watchSnapshot(request, call) {
      const open = (signal: AbortSignal) => watchSnapshot(publisher, request, signal);
      for await (const snapshot of holdOpen(context, distribution, call, open)) {
        yield snapshot === undefined ? {} : { snapshot };
      }
    },

    async reportStatus(report, call) {
      const plane = getPlane(call);
      const { head, spoolDepth } = report;
      const stored = {
        epoch: report.epoch,
        appliedRevision: report.appliedRevision,
        applyError: report.applyError,
        spoolDepth,
        version: report.version,
        region: report.region,
        upstreams: report.upstreams,
        detectorError: report.detectorError,
      };
      await storeReport(database, plane.name, stored, context.now());
      if (head !== undefined) await receiveHeartbeat(context, plane, head, spoolDepth);
      return {};
    },

    appendRecords: (request, call) => appendRecords(context, getPlane(call), request),

    async requestApproval(request, call) {
      return { approval: await requestApproval(context, getPlane(call).name, request) };
    },

    async *watchApprovals(_request, call) {
      const open = (signal: AbortSignal) => watchForPlane(context, getPlane(call).name, signal);
      for await (const approval of holdOpen(context, distribution, call, open)) {
        yield approval === undefined ? {} : { approval };
      }
    },

    async consumeApproval(request, call) {
      return { approval: await consumeApproval(context, getPlane(call).name, request) };
    },

    async withdrawApproval({ name }, call) {
      await withdrawApproval(context, getPlane(call).name, name);
      return {};
    },

    reportUsage: (request, call) => reportUsage(context, getPlane(call).name, request),

    async *watchUsage(_request, call) {
      const open = (signal: AbortSignal) => watchUsage(context, signal);
      for await (const totals of holdOpen(context, distribution, call, open)) {
        yield {
          totals: totals.map(({ counter, slot, amount }) => ({
            counter: toMessage(counter),
            slot: BigInt(slot),
            amount,
          })),
        };
      }
    },
  };
}

/**
 * A stream for a plane that ends when the plane goes away, when it loses our trust, or when this replica drains;
 * the error of the latter two tells the plane whether to come again.
 */
async function* holdOpen<T>(
  context: Context,
  { connections }: Distribution,
  call: HandlerContext,
  open: (signal: AbortSignal) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const connection = connections.open(getPlane(call).name);
  const signal = AbortSignal.any([call.signal, context.shutdown, connection.signal]);
  try {
    yield* open(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    connection.close();
  }
  connection.signal.throwIfAborted();
  if (context.shutdown.aborted) throw fail(Reason.DRAINING, 'this replica stops; connect again');
}
