import type { CommandFailure, Fault } from './failure.ts';
import { formatJsonLine } from './output/json.ts';
import type { OutputFormat } from './output/output.ts';
import { sanitise, sanitiseLine } from './output/sanitise.ts';
import { wrapWords } from './output/width.ts';

/**
 * A failure as stderr shows it: a JSON object with `--output json`, lines for people otherwise.
 * @param width columns of the terminal; undefined when stderr is none
 */
export function renderFailure(
  failure: CommandFailure,
  format: OutputFormat,
  width: number | undefined,
): string {
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
  const fold = (line: string, indent: string): string[] =>
    width === undefined
      ? [line]
      : wrapWords(line, width - indent.length).map((part, at) => (at === 0 ? part : `${indent}${part}`));
  const lines = sanitise(`sworn: ${failure.message}`)
    .split('\n')
    .flatMap((line) => fold(line, '  '));
  for (const [place, fault] of Object.entries(failure.metadata)) {
    // Most messages name what they are about.
    if (!failure.message.includes(fault))
      lines.push(...fold(`  ${sanitiseLine(place)}: ${sanitiseLine(fault)}`, '    '));
  }
  // Whole on its line: it may be copied.
  if (failure.hint !== undefined) lines.push(`  next: ${sanitiseLine(failure.hint)}`);
  return `${lines.join('\n')}\n`;
}

/** Every field each time; nothing is '' or 0. */
function faultJson({ file = '', line = 0, column = 0, resource = '', field = '', message }: Fault) {
  return { file, line, column, resource, field, message };
}
