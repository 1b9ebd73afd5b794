import type { Command } from 'commander';
import type { MaskPlan } from '#core/phi/mask.ts';
import { planMask, uniteMasks } from '#core/policy/mask.ts';
import { usageFailure } from '../../failure.ts';
import { collect } from '../../options.ts';
import { readPolicies } from '../policy/read.ts';

/** The option that says which policies' masks count. */
export interface PolicyOptions {
  readonly policy?: readonly string[];
}

/** Adds the option of PolicyOptions. */
export function withPolicy(command: Command): Command {
  return command.option(
    '--policy <file>',
    'a YAML file or directory of policies: only what their masks mask, united; may be repeated',
    collect,
  );
}

/**
 * The masks of all the policies united, as for a request to which all of them apply; undefined without policies.
 * Throws a CommandFailure that lists the policies' faults.
 */
export async function readMaskPlan({ policy: paths }: PolicyOptions): Promise<MaskPlan | undefined> {
  if (paths === undefined) return undefined;
  if (paths.includes('-'))
    throw usageFailure('--policy takes a file: stdin is for the text', '--policy FILE');
  const policies = await readPolicies(paths);
  return uniteMasks(policies.map(({ spec }) => planMask(spec?.mask)));
}
