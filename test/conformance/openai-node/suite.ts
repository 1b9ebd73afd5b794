import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { TestResult } from './compare.ts';

/** The tests that are generated from the API's description, and the description. */
const TESTS = 'tests/api-resources';
const DESCRIPTION = 'api_reference/openapi.transformed.yml';
/** Of what jest says of the tests while they run. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const JEST = 'node_modules/jest/bin/jest.js';

/** A checkout of openai-node that is ready to run. */
export interface Checkout {
  readonly path: string;
  /** The path of the OpenAPI description in it. */
  readonly description: string;
  /** `7b7d6ca71130 of 2026-08-21`, or `unknown`. */
  readonly commit: string;
  readonly version: string;
}

/** Looks at a checkout; throws with words that say what is missing. */
export async function openCheckout(folder: string): Promise<Checkout> {
  const path = resolve(folder);
  const description = join(path, DESCRIPTION);
  for (const file of ['package.json', TESTS, DESCRIPTION]) {
    await access(join(path, file)).catch(() => {
      throw new Error(`${path} is no checkout of openai-node: it has no ${file}`);
    });
  }
  await access(join(path, JEST)).catch(() => {
    const install = 'npm install --ignore-scripts --no-package-lock --legacy-peer-deps';
    throw new Error(`the packages of ${path} are not there: run \`${install}\` in it`);
  });
  const { version } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
  const git = ['-C', path, 'log', '-1', '--format=%h of %cs', '--abbrev=12'];
  const commit = await promisify(execFile)('git', git).then(
    ({ stdout }) => stdout.trim(),
    () => 'unknown',
  );
  return { path, description, commit, version: String(version) };
}

/** Runs the suite against a server, one test after the other. */
export async function runSuite(checkout: Checkout, baseUrl: string): Promise<TestResult[]> {
  const directory = await mkdtemp(join(tmpdir(), 'openai-node-'));
  const output = join(directory, 'results.json');
  try {
    const words = [
      join(checkout.path, JEST),
      TESTS,
      '--runInBand',
      '--silent',
      '--json',
      `--outputFile=${output}`,
      `--setupFilesAfterEnv=${join(import.meta.dirname, 'name-requests.cjs')}`,
    ];
    const env = { ...process.env, TEST_API_BASE_URL: baseUrl, OPENAI_TEST_SUITE: 'generated' };
    // It ends with 1 when a test fails; that is for the comparison to judge.
    const { stderr } = await promisify(execFile)(process.execPath, words, {
      cwd: checkout.path,
      env,
      maxBuffer: MAX_OUTPUT_BYTES,
    }).catch((ended: { readonly stderr: string }) => ended);
    const text = await readFile(output, 'utf8').catch(() => {
      throw new Error(`the suite did not run: ${stderr}`);
    });
    return readResults(checkout, JSON.parse(text));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** As jest writes them, as far as it matters here. */
interface JestResults {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

function readResults(checkout: Checkout, { testResults }: JestResults): TestResult[] {
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const file = relative(join(checkout.path, TESTS), name);
    if (assertionResults.length === 0) throw new Error(`${file} did not run: ${message}`);
    return assertionResults.map(({ fullName, status, failureMessages }) => ({
      id: `${name}\n${fullName}`,
      file,
      name: fullName,
      status: status === 'passed' || status === 'failed' ? status : 'skipped',
      message: failureMessages.join('\n'),
    }));
  });
}
