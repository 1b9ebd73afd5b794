import type { BatchLine } from '#core/provider/openai/batch/read.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import { prepareRequest } from '#core/provider/openai/request/rename-model.ts';
import { modelNameAt } from '#core/upstream/model-name.ts';
import type { UpstreamGrant } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import type { Exchange } from './exchange.ts';
import type { Parts } from './parts.ts';
import type { Trail } from './record/trail.ts';
import { acceptOf } from './upstream/accept.ts';
import type { Attempt, Plan, UpstreamAnswer, UpstreamRequest } from './upstream/call.ts';
import { referenceOf } from './upstream/reference.ts';

/** Where a request may go. Throws GatewayError `no_upstream`. */
export function planUpstreams({ upstreams }: Parts, { snapshot, verdict, received }: Exchange): Plan {
  const wish = { allowed: verdict.upstreams, model: received.content.model };
  return upstreams.plan(snapshot.upstreams, wish, referenceOf(received));
}

/**
 * Calls the provider with what policy wants of the request, and notes who was asked. Throws as Upstreams.call does, and
 * GatewayError `invalid_request` for a batch whose lines the provider would not understand.
 */
export async function callUpstream(parts: Parts, exchange: Exchange, trail: Trail): Promise<UpstreamAnswer> {
  const { received, snapshot } = exchange;
  const onTry = (grant: UpstreamGrant, before: readonly Attempt[]): UpstreamRequest => {
    trail.known.upstream = grant.name;
    trail.known.call = { startedMs: performance.now(), bytes: () => 0 };
    trail.known.upstreamAttempts = before;
    trail.known.upstreamModel = modelNameAt(grant.spec, received.content.model);
    return requestFor(grant, exchange, trail.known.upstreamModel);
  };
  const plan = planUpstreams(parts, exchange);
  const upstream = await parts.upstreams.call(snapshot.upstreams, plan, exchange.arrival.signal, onTry);
  trail.known.upstreamRequestId = upstream.requestId;
  trail.known.call = { startedMs: trail.known.call?.startedMs, bytes: () => upstream.cameBytes };
  return upstream;
}

function requestFor(
  grant: UpstreamGrant,
  { arrival, received, verdict, tokenized }: Exchange,
  model: string | undefined,
): UpstreamRequest {
  const { target, content } = received;
  const { route } = target;
  requireOwnNames(grant, content.lines);
  const sent = prepareRequest(target, tokenized ?? content, verdict.edits, model);
  return {
    method: route.method,
    path: sent.path,
    body: route.hasBody ? sent.body : null,
    contentType: sent.contentType,
    accept: acceptOf(route, content.stream),
    headers: route.headers,
    signal: arrival.signal,
  };
}

/** Lines of a batch go as they are. */
function requireOwnNames({ name, spec }: UpstreamGrant, lines: readonly BatchLine[]): void {
  const line = lines.find(({ model }) => modelNameAt(spec, model) !== undefined);
  if (line === undefined) return;
  const upstream = name.replace(/^upstreams\//, '');
  throw new GatewayError(
    'invalid_request',
    `Line ${line.number} of the batch: the upstream ${upstream} knows this model by another name, and lines of a batch go as they are.`,
    { param: 'file' },
  );
}
