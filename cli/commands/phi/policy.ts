import type { Command } from 'commander';
import { addIdentifiers } from '#core/phi/custom/detector.ts';
import { createDetector, type Detector } from '#core/phi/detect.ts';
import type { MaskPlan } from '#core/phi/mask.ts';
import { compilePolicies } from '#core/policy/compile.ts';
import { PolicyError } from '#core/policy/fault.ts';
import { uniteMasks } from '#core/policy/mask.ts';
import { CommandFailure, usageFailure } from '../../failure.ts';
import { collect } from '../../options.ts';
import { readPolicies } from '../policy/read.ts';

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
  const builtIn = createDetector();
  if (paths === undefined) return { detector: builtIn, plan: undefined };
  if (paths.includes('-'))
    throw usageFailure('--policy takes a file: stdin is for the text', '--policy FILE');
  const { policies, identifiers } = compile(await readPolicies(paths));
  return {
    detector: addIdentifiers(builtIn, identifiers),
    plan: uniteMasks(policies.map(({ mask }) => mask)),
  };
}

/** Each file was compiled by itself; together they may still be too much. */
function compile(policies: Parameters<typeof compilePolicies>[0]): ReturnType<typeof compilePolicies> {
  try {
    return compilePolicies(policies);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new CommandFailure('the policies do not go together', {
      code: 'policy_invalid',
      metadata: Object.fromEntries(
        error.faults.map(({ document, path, message }) => [`${document} ${path}`.trim(), message]),
      ),
      hint: 'docs/policy.md has the language',
    });
  }
}
