import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Command } from 'commander';
import { type ExchangeFilter, ExchangeFilterSchema } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { OutcomeStatus, OutcomeStatusSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { usageFailure } from '../../failure.ts';
import type { Invocation } from '../../invocation.ts';
import { parseGiven, parseTime } from '../../options.ts';
import { enumNumber, enumWords, fullName } from '../../output/names.ts';
import { resolveSession } from './named.ts';

/** The options that say which exchanges are meant. */
export interface FilterOptions {
  readonly session?: string;
  readonly caller?: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly status?: string;
  readonly policy?: string;
  readonly entity?: string;
  readonly trace?: string;
  readonly differs?: boolean;
  readonly breakGlass?: boolean;
}

/** Adds the options of FilterOptions. */
export function withFilter(command: Command): Command {
  return command
    .option(
      '--session <session>',
      'of this session: its id, or the name that the application gave it',
      parseGiven,
    )
    .option('--caller <who>', 'of this caller: subject or e-mail', parseGiven)
    .option('--since <time>', 'begun at or after: 2026-03-01T09:30:00Z, or 24h for a day ago', parseTime)
    .option('--until <time>', 'begun before', parseTime)
    .option('--policy <policy>', 'decided by this policy', parseGiven)
    .option('--entity <entity>', 'with a finding of this entity: US_SSN', parseGiven)
    .option('--trace <trace>', 'in this trace, or the export that brought it', parseGiven)
    .option('--differs', 'that policies which only observe would have decided otherwise')
    .option('--break-glass', 'whose callers went on by break-glass where an approval was asked for')
    .option('--status <status>', `ended so: ${enumWords(OutcomeStatusSchema).join(', ')}`);
}

/** The filter as the API takes it. Throws a usage failure for an unknown status. */
export async function readFilter(invocation: Invocation, options: FilterOptions): Promise<ExchangeFilter> {
  const status = options.status === undefined ? undefined : enumNumber(OutcomeStatusSchema, options.status);
  if (options.status !== undefined && status === undefined) {
    throw usageFailure(`--status ${options.status} is none of ${enumWords(OutcomeStatusSchema).join(', ')}`);
  }
  return create(ExchangeFilterSchema, {
    session: options.session === undefined ? '' : await resolveSession(invocation, options.session),
    caller: options.caller ?? '',
    ...(options.since === undefined ? {} : { since: timestampFromDate(options.since) }),
    ...(options.until === undefined ? {} : { until: timestampFromDate(options.until) }),
    policy: options.policy === undefined ? '' : fullName('policies', options.policy),
    entity: options.entity ?? '',
    trace: options.trace ?? '',
    differs: options.differs ?? false,
    breakGlass: options.breakGlass ?? false,
    status: (status ?? OutcomeStatus.UNSPECIFIED) as OutcomeStatus,
  });
}
