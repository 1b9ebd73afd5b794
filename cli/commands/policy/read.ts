import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { addIdentifiers } from '#core/phi/custom/detector.ts';
import { createDetector, type Detector } from '#core/phi/detect.ts';
import { compilePolicies } from '#core/policy/compile.ts';
import type { CompiledPolicies } from '#core/policy/compiled.ts';
import { PolicyError } from '#core/policy/fault.ts';
import { parsePolicies } from '#core/policy/parse.ts';
import type { Policy } from '#proto/sworn/policy/v1/policy_pb.ts';
import { CommandFailure, type Fault, usageFailure } from '../../failure.ts';
import { readStdin, readText } from '../../read.ts';

/**
 * The policies of files, directories (their `.yaml` and `.yml` files) and `-` (stdin), each compiled. Throws a
 * CommandFailure that lists every fault of every file by `file:line:column`, or that a name stands twice.
 */
export async function readPolicies(paths: readonly string[]): Promise<Policy[]> {
  const policies: Policy[] = [];
  const faults: Fault[] = [];
  const origins = new Map<string, string>();
  for (const path of await expand(paths)) {
    const yaml = path === '-' ? await readStdin() : await readText(path, 'the policy file');
    const source = path === '-' ? 'stdin' : path;
    for (const policy of parse(yaml, source, faults)) {
      const first = origins.get(policy.name);
      if (first !== undefined && first !== source)
        faults.push({ file: source, message: `${policy.name} stands in ${first} too` });
      origins.set(policy.name, source);
      policies.push(policy);
    }
  }
  if (faults.length > 0) {
    const count = Object.keys(byPlace(faults)).length;
    throw policyFailure(
      count === 1 ? 'the policies have a fault' : `the policies have ${count} faults`,
      faults,
    );
  }
  return policies;
}

async function expand(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const found = path === '-' ? undefined : await stat(path).catch(() => undefined);
    if (found?.isDirectory() !== true) {
      files.push(path);
      continue;
    }
    // Cases for `policy test` stand beside the policies.
    const names = (await readdir(path)).filter((name) => /(?<!\.test)\.ya?ml$/.test(name)).sort();
    if (names.length === 0) throw usageFailure(`the directory ${path} has no .yaml or .yml file`);
    files.push(...names.map((name) => join(path, name)));
  }
  return files;
}

function parse(yaml: string, source: string, faults: Fault[]): Policy[] {
  try {
    return parsePolicies(yaml);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    faults.push(...faultsIn(error, source));
    return [];
  }
}

/** What is wrong with the file of this name; with policies that are in memory where there is none. */
export function faultsIn({ faults }: PolicyError, file?: string): Fault[] {
  return faults.map(({ document, path, line, column = 1, message }) => ({
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line, column }),
    resource: document,
    ...(path !== '' && { field: path }),
    message,
  }));
}

/** The failure of policies, or of what goes with them, that have faults. */
export function policyFailure(
  message: string,
  faults: readonly Fault[],
  hint = 'docs/policy.md has the language',
): CommandFailure {
  return new CommandFailure(message, { code: 'policy_invalid', metadata: byPlace(faults), faults, hint });
}

/** By `file:line:column` and field. */
function byPlace(faults: readonly Fault[]): Record<string, string> {
  const places: Record<string, string> = {};
  for (const { file, line, column, resource, field, message } of faults) {
    const position = [file, line, column].filter((part) => part !== undefined).join(':');
    const place = [position, resource, field].filter((part) => part !== undefined && part !== '').join(' ');
    const before = places[place];
    places[place] = before === undefined ? message : `${before}; ${message}`;
  }
  return places;
}

/** Policies together, ready to be tried, with a detector that knows their identifiers. Throws a CommandFailure. */
export function compileTogether(policies: readonly Policy[]): {
  compiled: CompiledPolicies;
  detector: Detector;
} {
  try {
    const compiled = compilePolicies(policies);
    return { compiled, detector: addIdentifiers(createDetector(), compiled.identifiers) };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw policyFailure('the policies do not go together', faultsIn(error));
  }
}
