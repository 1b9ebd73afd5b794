import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { asEnforced } from '#core/policy/as-enforced.ts';
import { PolicyError } from '#core/policy/fault.ts';
import { compareTrial, type Difference } from '#core/policy/trial/compare.ts';
import { type PolicyCases, readPolicyCases } from '#core/policy/trial/read.ts';
import { trySample } from '#core/policy/trial/sample.ts';
import { RequestError } from '#core/provider/openai/request/request.ts';
import { CommandFailure, usageFailure } from '../../failure.ts';
import { invokeOffline } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { counted } from '../../output/names.ts';
import { type Output, printValue } from '../../output/output.ts';
import { sanitiseLine } from '../../output/sanitise.ts';
import { readText } from '../../read.ts';
import { compileTogether, faultsIn, policyFailure, readPolicies } from './read.ts';

/** What became of one case. */
interface CaseResult {
  readonly file: string;
  readonly name: string;
  readonly differences: readonly Difference[];
}

/** `sworn policy test`: cases beside the policies, on this machine. */
export function createTestCommand(): Command {
  const command = new Command('test')
    .summary('try policies on cases, without a control plane')
    .description(
      'Runs the cases of *.test.yaml files on this machine: each is a request, and what the policies that the file names ' +
        'are expected to say to it. Nothing is sent. Ends with 1 when a case fails. docs/policy.md has the form.',
    )
    .argument('<path...>', 'a *.test.yaml file, or a directory of them')
    .option('--observed', 'as if policies that only observe counted')
    .action((paths: string[], { observed = false }: { observed?: boolean }, self: Command) =>
      invokeOffline(self, (output) => run(output, paths, observed)),
    );
  return withExamples(command, ['sworn policy test policies/', 'in a pull request']);
}

async function run(output: Output, paths: readonly string[], observed: boolean): Promise<void> {
  const results: CaseResult[] = [];
  for (const file of await findFiles(paths)) {
    const began = results.length;
    results.push(...(await runFile(file, observed)));
    if (output.format === 'table') await output.write(results.slice(began).map(renderResult).join(''));
  }
  const failed = results.filter(({ differences }) => differences.length > 0).length;
  if (output.format !== 'table') await printValue(output, { cases: results.map(toJson), failed });
  else
    await output.write(
      `${counted(results.length, 'case')}, ${failed === 0 ? 'all as expected' : `${failed} failed`}\n`,
    );
  if (failed > 0)
    throw new CommandFailure(`${failed} of ${results.length} cases failed`, { code: 'cases_failed' });
}

async function findFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory() !== true) {
      files.push(path);
      continue;
    }
    const names = (await readdir(path)).filter((name) => /\.test\.ya?ml$/.test(name)).sort();
    if (names.length === 0) throw usageFailure(`the directory ${path} has no *.test.yaml file`);
    files.push(...names.map((name) => join(path, name)));
  }
  return files;
}

async function runFile(file: string, observed: boolean): Promise<CaseResult[]> {
  const { policies: named, cases } = readCases(file, await readText(file, 'the cases'));
  const policies = await readPolicies(named.map((name) => join(dirname(file), name)));
  const { compiled, detector } = compileTogether(observed ? asEnforced(policies) : policies);
  return cases.map(({ name, sample, expected }) => {
    try {
      return { file, name, differences: compareTrial(expected, trySample(compiled, detector, sample)) };
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      const refused = { what: 'request', expected: 'one that can be read', actual: error.message };
      return { file, name, differences: [refused] };
    }
  });
}

function readCases(file: string, yaml: string): PolicyCases {
  try {
    return readPolicyCases(yaml);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw policyFailure('the cases have faults', faultsIn(error, file), 'docs/policy.md has their form');
  }
}

function renderResult({ file, name, differences }: CaseResult): string {
  const word = differences.length === 0 ? 'ok    ' : 'FAILED';
  const lines = differences.map(
    ({ what, expected, actual }) => `         ${what}: expected ${shown(expected)}, got ${shown(actual)}\n`,
  );
  return `${word} ${sanitiseLine(file)}: ${sanitiseLine(name)}\n${lines.join('')}`;
}

function shown(value: string): string {
  return value === '' ? 'nothing' : sanitiseLine(value);
}

function toJson({ file, name, differences }: CaseResult) {
  return {
    file,
    name,
    ok: differences.length === 0,
    differences: differences.map((difference) => ({ ...difference })),
  };
}
