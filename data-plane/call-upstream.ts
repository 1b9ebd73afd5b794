import { editRequest } from '#core/provider/openai/outgoing.ts';
import type { Exchange } from './exchange.ts';
import type { Parts } from './pipeline.ts';
import type { Trail } from './record/trail.ts';
import { acceptOf } from './upstream/accept.ts';
import type { Attempt, Plan, UpstreamAnswer } from './upstream/call.ts';
import { referenceOf } from './upstream/reference.ts';

/** Where a request may go. Throws GatewayError `no_upstream`. */
export function planUpstreams({ upstreams }: Parts, { snapshot, verdict, received }: Exchange): Plan {
  const wish = { allowed: verdict.upstreams, model: received.content.model };
  return upstreams.plan(snapshot.upstreams, wish, referenceOf(received));
}

/** Calls the provider with what policy wants of the request, and notes who was asked. Throws as Upstreams.call does. */
export async function callUpstream(parts: Parts, exchange: Exchange, trail: Trail): Promise<UpstreamAnswer> {
  const { arrival, received, snapshot, verdict, tokenized } = exchange;
  const { route } = received.target;
  const { outgoing, stream } = received.content;
  const sent = editRequest(received.target.path, tokenized?.body ?? outgoing.body, verdict.edits);
  const request = {
    method: route.method,
    path: sent.path,
    body: route.hasBody ? sent.body : null,
    contentType: outgoing.contentType,
    accept: acceptOf(route, stream),
    headers: route.headers,
    signal: arrival.signal,
  };
  const onTry = (name: string, before: readonly Attempt[]) => {
    trail.known.upstream = name;
    trail.known.upstreamAttempts = before;
  };
  const plan = planUpstreams(parts, exchange);
  const upstream = await parts.upstreams.call(snapshot.upstreams, plan, request, onTry);
  trail.known.upstreamRequestId = upstream.requestId;
  return upstream;
}
