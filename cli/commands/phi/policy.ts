import type { Command } from 'commander';
import { createDetector, type Detector } from '#core/phi/detect.ts';
import type { MaskPlan } from '#core/phi/mask.ts';
import { usageFailure } from '../../failure.ts';
import { collect } from '../../options.ts';

/** The option that says which policies' masks and identifiers count. */
export interface PolicyOptions {
  readonly policy?: readonly string[];
}

/** What the policies say of PHI. */
export interface PhiPolicy {
  readonly detector: Detector;
  /** Undefined without policies. */
  readonly plan: MaskPlan | undefined;
}

/** Adds the option of PolicyOptions. */
export function withPolicy(command: Command): Command {
  return command.option(
    '--policy <file>',
    'a YAML file or directory of policies: only what their masks mask, united, and their identifiers too; may be repeated',
    collect,
  );
}

/**
 * The detector with the identifiers of all the policies, and their masks united, as for a request to which all of them
 * apply. Throws a CommandFailure that lists the policies' faults.
 */
export async function readPhiPolicy({ policy: paths }: PolicyOptions): Promise<PhiPolicy> {
  if (paths === undefined) return { detector: createDetector(), plan: undefined };
  if (paths.includes('-'))
    throw usageFailure('--policy takes a file: stdin is for the text', '--policy FILE');
  // What reads policies takes a tenth of a second to load, and most calls name none.
  const [{ compileTogether, readPolicies }, { uniteMasks }] = await Promise.all([
    import('../policy/read.ts'),
    import('#core/policy/mask.ts'),
  ]);
  // Each file was compiled by itself; together they may still be too much.
  const { compiled, detector } = compileTogether(await readPolicies(paths));
  return { detector, plan: uniteMasks(compiled.policies.map(({ mask }) => mask)) };
}
