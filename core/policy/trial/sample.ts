import { create } from '@bufbuild/protobuf';
import type { Detector } from '#core/phi/detect.ts';
import type { FindingCounts } from '#core/phi/mask.ts';
import { editRequest } from '#core/provider/openai/request/outgoing.ts';
import { type ModelRequest, RequestError, readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { CompiledPolicies } from '../compiled.ts';
import type { Circumstances } from '../condition/context.ts';
import { type Explanation, explainPolicies } from '../explain.ts';
import { needsOf } from '../opaque.ts';
import { countDistinct, countFindings } from './count.ts';
import { tokenizeSample } from './tokenize.ts';

/** A request that nobody has sent, to try policies on. */
export interface Sample {
  readonly caller: {
    readonly issuer: string;
    readonly subject: string;
    readonly email: string;
    readonly groups: readonly string[];
    readonly client: string;
    /** As texts, by name. */
    readonly claims: Readonly<Record<string, readonly string[]>>;
  };
  /** Method and path: `POST /responses`. */
  readonly call: string;
  /** JSON; empty without a body. */
  readonly body: string;
  readonly circumstances: Pick<Circumstances, 'nowMs' | 'region' | 'labels' | 'session'>;
}

/** What policies say to a sample. */
export interface Trial extends Explanation {
  readonly findings: FindingCounts;
  /** The body that would go to the provider. */
  readonly sent: string;
}

/**
 * Tries policies on a sample, as a data plane without an external detector decides: reads its texts, looks for PHI in them,
 * and asks the policies.
 *
 * @param detector that knows the identifiers of the policies
 * @throws RequestError when a data plane would refuse the request unread
 */
export function trySample(compiled: CompiledPolicies, detector: Detector, sample: Sample): Trial {
  const target = targetOf(sample);
  const body = new TextEncoder().encode(sample.body);
  const content = readRequest(target, body);
  const { texts } = content;
  const findings = countFindings(detector, texts);
  const { claims, ...caller } = sample.caller;
  const explanation = explainPolicies(compiled, {
    caller: create(CallerSchema, { ...caller, groups: [...caller.groups] }),
    route: target.route.id,
    ...pick(content),
    texts: texts.map(({ text }) => text),
    findings,
    opaque: needsOf(target.route, content.opaque),
    circumstances: {
      ...sample.circumstances,
      claim: (name) => (Object.hasOwn(claims, name) ? (claims[name] ?? []) : []),
      distinct: compiled.readsDistinct
        ? countDistinct(detector, texts, sample.circumstances.nowMs)
        : undefined,
    },
  });
  const { edits, tokenize } = explanation.result;
  const sent = editRequest(target.path, tokenizeSample(body, content, detector, tokenize), edits);
  return { ...explanation, findings, sent: new TextDecoder().decode(sent.body) };
}

function targetOf({ call }: Sample): Target {
  const [method = '', path = ''] = call.split(' ');
  const target = readTarget(method, path);
  if (target === undefined) throw new RequestError(`Sworn does not serve ${call}.`, 'call');
  return target;
}

function pick({ model, stream, tools, parameters }: ModelRequest) {
  return { model, stream, tools, parameters };
}
