import { OpaqueError } from '#core/provider/openai/content/gate.ts';
import { GatewayError } from '#core/provider/openai/error.ts';

/**
 * Runs a masker; one that cannot read an answer closes the path: nothing of that piece is handed on.
 * Throws GatewayError `upstream_unreadable`, or `opaque_answer` for content that policy does not let through unread.
 */
export function closing<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof OpaqueError) throw new GatewayError('opaque_answer', cause.message, { cause });
    throw new GatewayError(
      'upstream_unreadable',
      'The answer could not be masked, so it was not passed on.',
      { cause },
    );
  }
}
