import { findRefusal } from '#core/provider/openai/catalogue.ts';

/** How one test of the suite ended. */
export interface TestResult {
  /** The same for both runs, and what the calls of the test are found by. */
  readonly id: string;
  readonly file: string;
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Why it failed. */
  readonly message: string;
}

/** One request of a test, and its answer. */
export interface Call {
  /** The test's id; empty where it is not known. */
  readonly test: string;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly status: number;
  /** Of an error in the provider's shape; empty otherwise. */
  readonly code: string;
  readonly message: string;
  readonly requestBody: string;
  readonly answerBody: string;
}

/**
 * What a test says of Sworn:
 * - `same`: it passes directly and through Sworn;
 * - `refused`, `not yet`: it called a route that Sworn does not serve, for good or so far, and got the reason;
 * - `different`: it passes directly, and fails through Sworn for no such reason;
 * - `not run`: the suite skips it, or it fails directly too.
 */
export type Verdict = 'same' | 'refused' | 'not yet' | 'different' | 'not run';

/** A test that was run twice. */
export interface Comparison {
  readonly test: TestResult;
  readonly verdict: Verdict;
  /** Whether the server behind Sworn answered any of its calls; some tests call a path that there is not, or nothing. */
  readonly answered: boolean;
  /** Of what was refused: the catalogue's words. Of a difference: how it failed. Empty otherwise. */
  readonly reason: string;
}

/** Compares two runs. A test that is in one of them only is a difference. */
export function compareRuns(
  direct: readonly TestResult[],
  through: readonly TestResult[],
  calls: readonly Call[],
): Comparison[] {
  const byTest = Map.groupBy(calls, ({ test }) => test);
  const byId = new Map(through.map((result) => [result.id, result]));
  const known = new Set(direct.map(({ id }) => id));
  const extra = through.filter(({ id }) => !known.has(id));
  return [
    ...direct.map((test) => compare(test, byId.get(test.id), byTest.get(test.id) ?? [])),
    ...extra.map(
      (test): Comparison => ({
        test,
        verdict: 'different',
        answered: false,
        reason: 'it ran through Sworn only',
      }),
    ),
  ];
}

function compare(test: TestResult, through: TestResult | undefined, calls: readonly Call[]): Comparison {
  const answered = calls.some(({ status }) => status < 400);
  if (test.status !== 'passed') return { test, verdict: 'not run', answered, reason: '' };
  if (through?.status === 'passed') return { test, verdict: 'same', answered, reason: '' };
  const refusal = calls.map(refusalOf).find((found) => found !== undefined);
  if (refusal !== undefined) return { test, verdict: refusal.kind, answered, reason: refusal.reason };
  return { test, verdict: 'different', answered, reason: describe(through, calls) };
}

/** What the catalogue says of a call that Sworn refused, if it is what the caller was told. */
function refusalOf({ method, path, code, message }: Call) {
  const refusal = code === 'route_not_allowed' ? findRefusal(method, path) : undefined;
  return refusal !== undefined && message.includes(refusal.reason) ? refusal : undefined;
}

function describe(through: TestResult | undefined, calls: readonly Call[]): string {
  const answers = calls.map(({ method, path, status, code }) => `${method} ${path} ${status} ${code}`.trim());
  const [first = ''] = (through?.message ?? 'it did not run through Sworn').split('\n');
  return `${first} (${answers.join('; ')})`;
}
