import type { CommandFailure } from './failure.ts';
import { formatJsonLine } from './output/json.ts';
import type { OutputFormat } from './output/output.ts';
import { sanitise, sanitiseLine } from './output/sanitise.ts';

/** A failure as stderr shows it: a JSON object with `--output json`, lines for people otherwise. */
export function renderFailure(failure: CommandFailure, format: OutputFormat): string {
  if (format === 'json') {
    return formatJsonLine({
      error: {
        code: failure.code,
        reason: failure.reason ?? '',
        message: failure.message,
        metadata: { ...failure.metadata },
        hint: failure.hint ?? '',
        exitCode: failure.exitCode,
      },
    });
  }
  const lines = [`sworn: ${sanitise(failure.message)}`];
  for (const [place, fault] of Object.entries(failure.metadata)) {
    // Most messages name what they are about.
    if (!failure.message.includes(fault)) lines.push(`  ${sanitiseLine(place)}: ${sanitiseLine(fault)}`);
  }
  if (failure.hint !== undefined) lines.push(`  next: ${sanitiseLine(failure.hint)}`);
  return `${lines.join('\n')}\n`;
}
