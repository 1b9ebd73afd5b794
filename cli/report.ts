import type { CommandFailure, Fault } from './failure.ts';
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
        faults: failure.faults.map(faultJson),
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

/** Every field each time; nothing is '' or 0. */
function faultJson({ file = '', line = 0, column = 0, resource = '', field = '', message }: Fault) {
  return { file, line, column, resource, field, message };
}
