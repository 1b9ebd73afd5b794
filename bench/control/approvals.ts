import { type Approval, State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { answerText } from '../../test/env/answers.ts';
import type { Deployment } from './deployment.ts';

/** Requests before anything is measured, so that the compiler has settled. */
const WARM_UP = 10;
const HELD_TIMEOUT_MS = 30_000;

/** How long one approved request took to go on, in milliseconds: from the reviewer's call being sent, and from its return. */
export interface Release {
  readonly plane: number;
  /** Whether the reviewer called the replica that the plane is connected to. */
  readonly sameReplica: boolean;
  /** Until the provider had the request. Negative from the return where the plane was faster than the answer to the reviewer. */
  readonly upstream: Span;
  /** Until the caller had the first byte of the answer. */
  readonly firstByte: Span;
}

interface Span {
  readonly sinceSent: number;
  readonly sinceReturned: number;
}

/** Holds and approves requests one after the other, on each plane by each replica in turn. */
export async function measureApprovals(deployment: Deployment, count: number): Promise<Release[]> {
  const { planes, provider } = deployment;
  let arrivedMs = 0;
  const answer = answerText('done', 4);
  provider.behave((request, response) => {
    arrivedMs = performance.now();
    return answer(request, response);
  });
  const token = await deployment.token('clinician');
  const over = new AbortController();
  const pending = watchPending(deployment, over.signal);
  const reviewers = planes.map((_, replica) => deployment.api(ApprovalService, 'reviewer', replica));
  const releases: Release[] = [];
  try {
    for (let index = 0; index < WARM_UP + count; index += 1) {
      const plane = index % planes.length;
      const replica = Math.floor(index / planes.length) % reviewers.length;
      const body = JSON.stringify({ model: 'gpt-bench', input: `bulk request ${index}`, stream: true });
      const asking = fetch(`${planes[plane]}/v1/responses`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body,
      }).then(firstByteOf);
      const { name } = await pending();
      const sentMs = performance.now();
      const approving = reviewers[replica]?.approveApproval({ name, reason: 'a benchmark' });
      const returned = Promise.resolve(approving).then(() => performance.now());
      const [returnedMs, firstByteMs] = await Promise.all([returned, asking]);
      const span = (endMs: number): Span => ({
        sinceSent: endMs - sentMs,
        sinceReturned: endMs - returnedMs,
      });
      if (index < WARM_UP) continue;
      const sameReplica = plane === replica;
      releases.push({ plane, sameReplica, upstream: span(arrivedMs), firstByte: span(firstByteMs) });
    }
  } finally {
    over.abort();
  }
  return releases;
}

/** When the first byte came; resolves when all have. */
async function firstByteOf(response: Response): Promise<number> {
  if (!response.ok || response.body === null) throw new Error(`the answer was ${response.status}`);
  let firstByteMs = 0;
  for await (const _piece of response.body) firstByteMs ||= performance.now();
  return firstByteMs;
}

/** What gives the approvals that wait, one after the other. */
function watchPending(deployment: Deployment, signal: AbortSignal): () => Promise<Approval> {
  const seen = new Set<string>();
  const waiting: Approval[] = [];
  let wake = () => {};
  const watching = (async () => {
    const watch = deployment.api(ApprovalService, 'reviewer', 0).watchApprovals({}, { signal });
    for await (const { approval } of watch) {
      if (approval?.state !== State.PENDING || seen.has(approval.name)) continue;
      seen.add(approval.name);
      waiting.push(approval);
      wake();
    }
  })();
  // It ends with an error when it is aborted.
  watching.catch(() => undefined);
  return async () => {
    const endMs = performance.now() + HELD_TIMEOUT_MS;
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) return next;
      if (performance.now() > endMs) throw new Error('the request was not held');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, HELD_TIMEOUT_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
}
