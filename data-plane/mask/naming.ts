import type { Naming } from '#core/provider/openai/answer/naming.ts';
import type { CompiledSnapshot } from '../control/control.ts';
import type { Received } from '../exchange.ts';

/** By what a caller knows again the tools of their request, and calls of them. */
export function namingOf(
  { content: { tools } }: Received,
  { maskingKey }: Pick<CompiledSnapshot, 'maskingKey'>,
): Naming {
  return { tools: new Set(tools), key: maskingKey.length === 0 ? undefined : maskingKey };
}
