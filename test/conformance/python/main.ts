// The Python SDKs as clients of Sworn: `npm run test:python -- PYTHON`, a Python that has the packages openai and
// openai-agents. Ends with 1 when a scenario fails, 0 when all pass, or when there is no such Python, which it says.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { startEnv } from '../../env/env.ts';
import { SECRETS } from '../../env/filing-agent.ts';
import { mockProvider } from '../../env/mock.ts';
import { deliveredText, recordOf } from '../../env/record.ts';
import { review } from './review.ts';
import { script, TEXTS } from './script.ts';
import { serveTokens } from './tokens.ts';

/** As the scenarios name them. */
const OUTCOMES: ReadonlyMap<OutcomeStatus, string> = new Map([
  [OutcomeStatus.COMPLETED, 'completed'],
  [OutcomeStatus.REFUSED, 'refused'],
  [OutcomeStatus.UPSTREAM_FAILED, 'upstream failed'],
  [OutcomeStatus.CLIENT_GONE, 'client gone'],
]);

/** What main.py tells of a scenario. */
interface Told {
  readonly name: string;
  /** Empty, or how it failed. */
  readonly fault: string;
  readonly exchanges: readonly string[];
  /** What the record should say of each exchange. */
  readonly outcomes: readonly string[];
}

const [python = 'python3'] = process.argv.slice(2);
const { status } = spawnSync(python, ['-c', 'import openai, agents']);
if (status !== 0) {
  process.stdout.write(`SKIPPED: ${python} has not the packages openai and openai-agents\n`);
  process.exit(0);
}
process.exitCode = await main();

async function main(): Promise<number> {
  await using ends = new AsyncDisposableStack();
  // Held streams get their headers at once, so that a refusal may come in mid-stream.
  const env = ends.adopt(await startEnv({ dataPlane: { holdHeaders: 0 } }), ({ close }) => close());
  const mock = ends.adopt(await mockProvider(env.provider), ({ close }) => close());
  script(mock.fixtures);
  const tokens = ends.adopt(await serveTokens(env.stack), ({ close }) => close());
  ends.adopt(review(env), ({ close }) => close());
  const child = spawn(python, [join(import.meta.dirname, 'main.py')], {
    env: {
      ...process.env,
      PYTHONDONTWRITEBYTECODE: '1',
      SWORN_BASE_URL: env.stack.openaiBaseUrl,
      SWORN_TOKEN_URL: tokens.url,
      SWORN_TEXTS: JSON.stringify(TEXTS),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  let faults = 0;
  let told = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const value = JSON.parse(line);
    if (value.name === undefined) {
      process.stdout.write(`python ${value.python}, openai ${value.openai}, openai-agents ${value.agents}\n`);
      continue;
    }
    const fault = await judge(value);
    told += 1;
    if (fault !== '') faults += 1;
    process.stdout.write(`${fault === '' ? 'passed' : 'FAILED'}  ${value.name}\n${fault}`);
  }
  process.stdout.write(`${told - faults} of ${told} scenarios passed\n`);
  return (await ended) === 0 && faults === 0 && told > 0 ? 0 : 1;

  /** How a scenario failed, at its client or on record; empty when it did not. */
  async function judge({ fault, exchanges, outcomes }: Told): Promise<string> {
    if (fault !== '') return fault;
    const records = await Promise.all(exchanges.map((id) => recordOf(env, id)));
    const recorded = records.map(({ outcome }) => OUTCOMES.get(outcome?.status ?? 0) ?? 'something else');
    if (recorded.join() !== outcomes.join()) return `on record: ${recorded.join(', ')}\n`;
    if (records.some((record) => SECRETS.test(deliveredText(record)))) return 'unmasked text was delivered\n';
    return '';
  }
}
