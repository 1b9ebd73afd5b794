import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { addIdentifiers } from '#core/phi/custom/detector.ts';
import { createDetector, type Detector } from '#core/phi/detect.ts';
import { compilePolicies } from '#core/policy/compile.ts';
import type { CompiledPolicies } from '#core/policy/compiled.ts';
import { PolicyError } from '#core/policy/fault.ts';
import { parsePolicies } from '#core/policy/parse.ts';
import type { Policy } from '#proto/sworn/policy/v1/policy_pb.ts';
import { CommandFailure, usageFailure } from '../../failure.ts';
import { readStdin, readText } from '../../read.ts';

/**
 * The policies of files, directories (their `.yaml` and `.yml` files) and `-` (stdin), each compiled. Throws a
 * CommandFailure that lists every fault of every file by `file:line:column`, or that a name stands twice.
 */
export async function readPolicies(paths: readonly string[]): Promise<Policy[]> {
  const policies: Policy[] = [];
  const faults = new Map<string, string>();
  const origins = new Map<string, string>();
  for (const path of await expand(paths)) {
    const yaml = path === '-' ? await readStdin() : await readText(path, 'the policy file');
    const source = path === '-' ? 'stdin' : path;
    for (const policy of parse(yaml, source, faults)) {
      const first = origins.get(policy.name);
      if (first !== undefined && first !== source)
        faults.set(source, `${policy.name} stands in ${first} too`);
      origins.set(policy.name, source);
      policies.push(policy);
    }
  }
  if (faults.size > 0) {
    throw new CommandFailure(
      faults.size === 1 ? 'the policies have a fault' : `the policies have ${faults.size} faults`,
      {
        code: 'policy_invalid',
        metadata: Object.fromEntries(faults),
        hint: 'docs/policy.md has the language',
      },
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

function parse(yaml: string, source: string, faults: Map<string, string>): Policy[] {
  try {
    return parsePolicies(yaml);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    addFaults(error, source, faults);
    return [];
  }
}

/** Notes the faults of a file by `file:line:column`. */
export function addFaults(error: PolicyError, source: string, faults: Map<string, string>): void {
  for (const fault of error.faults) {
    const position = fault.line === undefined ? '' : `:${fault.line}:${fault.column ?? 1}`;
    const place = fault.path === '' ? fault.document : `${fault.document} ${fault.path}`;
    const key = `${source}${position} ${place}`;
    const before = faults.get(key);
    faults.set(key, before === undefined ? fault.message : `${before}; ${fault.message}`);
  }
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
    const metadata = error.faults.map(({ document, path, message }) => [
      `${document} ${path}`.trim(),
      message,
    ]);
    throw new CommandFailure('the policies do not go together', {
      code: 'policy_invalid',
      metadata: Object.fromEntries(metadata),
      hint: 'docs/policy.md has the language',
    });
  }
}
