import type { UpstreamSpec } from '#proto/sworn/upstream/v1/upstream_pb.ts';

/** The name by which an upstream knows a model; undefined where that is the caller's own. */
export function modelNameAt(spec: UpstreamSpec | undefined, model: string): string | undefined {
  const sentAs = spec?.modelNames.find((name) => name.model === model)?.sentAs;
  return sentAs === model ? undefined : sentAs;
}
