import type { Naming } from '#core/provider/openai/answer/naming.ts';
import type { CompiledSnapshot } from '../control/control.ts';
import type { Received } from '../exchange.ts';

/** Of all routes, what this one hands out is no file of a model's. */
const FILES = 'files.content';

/** By what a caller knows again what they have given a name to, and calls of their tools. */
export function namingOf(
  { target: { route }, content: { tools, schemaKeys, parameters } }: Received,
  { maskingKey }: Pick<CompiledSnapshot, 'maskingKey'>,
): Naming {
  const isOfBefore = route.storage === 'reads' || route.storage === 'changes';
  const hasPrompt = (parameters.get('prompt')?.places.length ?? 0) > 0;
  return {
    tools: new Set(tools),
    schemaKeys: new Set(schemaKeys),
    learns: isOfBefore || hasPrompt,
    key: maskingKey.length === 0 ? undefined : maskingKey,
    hasLineIds: route.id === FILES,
  };
}
