import { type Logger, pino } from 'pino';

/** A program's log on stdout, JSON Lines. It has ids and codes: no token, no key, no text of a prompt. */
export function createLogger(name: string, level: string): Logger {
  return pino({ name, level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/**
 * What may be logged of an error: its name, its code and where it was thrown. Not its message: drivers and parsers
 * quote what they were given.
 */
export function describeError(error: unknown): { error: string; code?: string | number; at?: string[] } {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error ? error.code : undefined;
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return {
    error: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    at: frames.slice(0, 12).map((line) => line.trim()),
  };
}
