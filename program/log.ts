import { type Logger, pino } from 'pino';

/** A program's log on stdout, JSON Lines. It has ids and codes: no token, no key, no text of a prompt. */
export function createLogger(name: string, level: string): Logger {
  return pino({ level, base: { name }, timestamp: pino.stdTimeFunctions.isoTime });
}

/**
 * What may be logged of an error: its name, its code and where it was thrown. Not its message: drivers and parsers
 * quote what they were given.
 */
export function describeError(error: unknown): { error: string; code?: string | number; at?: string[] } {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error ? error.code : undefined;
  return {
    error: isWord(error.name) ? error.name : 'Error',
    ...(typeof code === 'number' || isWord(code) ? { code } : {}),
    at: framesOf(error)
      .slice(0, 12)
      .map((line) => line.trim()),
  };
}

/** What a name or code of a program looks like; a text of somebody else that was put there is not shown. */
function isWord(text: unknown): text is string {
  return typeof text === 'string' && /^[A-Za-z]\w{0,63}$/.test(text);
}

/** A message may have lines that look like frames: they are passed over with it. */
function framesOf({ message, stack = '' }: Error): string[] {
  const at = stack.indexOf(message);
  if (at < 0) return [];
  return stack
    .slice(at + message.length)
    .split('\n')
    .filter((line) => line.startsWith('    at '));
}
