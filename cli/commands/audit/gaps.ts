import { durationFromMs, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Command } from 'commander';
import {
  AuditService,
  type ListGapsResponse,
  ListGapsResponseSchema,
} from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { GapKind, Presence } from '#proto/sworn/audit/v1/gap_pb.ts';
import { CommandFailure, EXIT } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { parseGiven, parseLength, parseTime, withExamples } from '../../options.ts';
import { counted, fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderGaps } from './render-gaps.ts';

interface GapsOptions {
  readonly plane?: string;
  /** Milliseconds. */
  readonly silentAfter?: number;
  readonly since?: Date;
}

/** `sworn audit gaps`: exit code 6 when something is missing, silent or contradicted. */
export function createGapsCommand(): Command {
  const command = new Command('gaps')
    .summary('say whether the record is whole')
    .description(
      'Says what is missing of the record, which planes are silent, and which contradicted themselves. A plane that is idle, ' +
        'whose records are on their way, or that stopped in order, is no gap. Exit code 6 when there is any.',
    )
    .option('--plane <plane>', 'of this plane only', parseGiven)
    .option('--silent-after <length>', 'not heard of for so long is silent: 5m (default: 90s)', parseLength)
    .option(
      '--since <time>',
      'alarms seen, and records received, at or after: 2026-03-01T09:30:00Z, or 24h for a day ago',
      parseTime,
    )
    .action((options: GapsOptions, self: Command) =>
      invoke(self, (invocation) => check(invocation, options)),
    );
  return withExamples(
    command,
    ['sworn audit gaps', 'everything'],
    ['sworn audit gaps --since 24h --silent-after 10m', 'for a daily check'],
  );
}

async function check({ client, output }: Invocation, options: GapsOptions): Promise<void> {
  const { plane, silentAfter, since } = options;
  const response = await client(AuditService).listGaps({
    plane: plane === undefined ? '' : fullName('planes', plane),
    ...(silentAfter === undefined ? {} : { silentAfter: durationFromMs(silentAfter) }),
    ...(since === undefined ? {} : { since: timestampFromDate(since) }),
  });
  await printMessage(output, ListGapsResponseSchema, response, () =>
    renderGaps(response, output, Date.now()),
  );
  const found = summarise(response);
  if (found === '') {
    if (output.format === 'table') output.note('no gaps');
    return;
  }
  throw new CommandFailure(`the record is not whole: ${found}`, {
    exitCode: EXIT.verificationFailed,
    code: 'gaps_found',
    hint: "docs/operations.md, 'Gaps', says what each means and what to do",
  });
}

/** `2 missing, 1 silent`; empty when nothing is wrong. */
function summarise({ gaps, planes, alarms }: ListGapsResponse): string {
  const gapsOf = (kind: GapKind) => gaps.filter((gap) => gap.kind === kind).length;
  const silent = planes.filter(({ presence }) => presence === Presence.SILENT).length;
  const counts = [
    [gapsOf(GapKind.MISSING), `${gapsOf(GapKind.MISSING)} missing`],
    [gapsOf(GapKind.UNCLOSED), `${gapsOf(GapKind.UNCLOSED)} unclosed`],
    [silent, `${silent} silent`],
    [alarms.length, counted(alarms.length, 'alarm')],
  ] as const;
  return counts
    .filter(([count]) => count > 0)
    .map(([, text]) => text)
    .join(', ');
}
