// The Python SDKs as clients of Sworn: `npm run test:python -- PYTHON`, a Python that has the packages openai and
// openai-agents. Ends with 1 when a scenario fails, 0 when all pass, or when there is no such Python, which it says.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { startEnv, TEST_POLICY } from '../../env/env.ts';
import { ANSWER, SECRETS } from '../../env/filing-agent.ts';
import { mockProvider } from '../../env/mock.ts';
import type { Provider, UpgradeBehaviour } from '../../env/provider.ts';
import { speakRealtime } from '../../env/realtime.ts';
import { deliveredText, recordOf } from '../../env/record.ts';
import { until } from '../../env/until.ts';
import { review } from './review.ts';
import { script, TEXTS } from './script.ts';
import { serveTokens } from './tokens.ts';

/** How long exchanges may take until they are on record. */
const RECORDED_MS = 20_000;
/** As the scenarios name them. */
const OUTCOMES: ReadonlyMap<OutcomeStatus, string> = new Map([
  [OutcomeStatus.COMPLETED, 'completed'],
  [OutcomeStatus.REFUSED, 'refused'],
  [OutcomeStatus.UPSTREAM_FAILED, 'upstream failed'],
  [OutcomeStatus.CLIENT_GONE, 'client gone'],
]);

/** Who may store files, and which of those that are kept a request may name. */
const FILES = `
apiVersion: sworn/v1
kind: Policy
name: files
spec:
  groups: [clinicians]
  routes: ["files.*", responses.create, responses.connect, chat.completions.create]
  parameters: { files: { allow: ["file-shared*", "vs_shared*"] } }
  rules:
    - name: files
      when: route.startsWith("files.")
      allow: {}
`;

/** One provider as two: what asks for Realtime, and all else. */
function shareUpgrades(provider: Provider): { readonly realtime: Provider; readonly others: Provider } {
  const takers = new Map<string, UpgradeBehaviour>();
  const part = (name: string): Provider => ({
    ...provider,
    upgrade: (taker) => {
      takers.set(name, taker);
    },
  });
  provider.upgrade((request, socket, head) => {
    const name = request.url?.startsWith('/v1/realtime') ? 'realtime' : 'others';
    takers.get(name)?.(request, socket, head);
  });
  return { realtime: part('realtime'), others: part('others') };
}

/** What main.py tells of a scenario. */
interface Told {
  readonly name: string;
  /** Empty, or how it failed. */
  readonly fault: string;
  readonly exchanges: readonly string[];
  /** What the record should say of each exchange. */
  readonly outcomes: readonly string[];
  /** The session by which they are found instead; empty where their ids are told. */
  readonly session: string;
  /** What the record should say of each, however many there are; empty where that is known. */
  readonly any: string;
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
  const env = ends.adopt(
    await startEnv({ policies: [TEST_POLICY, FILES], dataPlane: { holdHeaders: 0 } }),
    ({ close }) => close(),
  );
  const sockets = shareUpgrades(env.provider);
  const mock = ends.adopt(await mockProvider(sockets.others), ({ close }) => close());
  speakRealtime(sockets.realtime, ANSWER);
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
  async function judge({ fault, exchanges, outcomes, session, any }: Told): Promise<string> {
    if (fault !== '') return fault;
    const ids = session === '' ? exchanges : await idsOf(session, any === '' ? outcomes.length : 1);
    const records = await Promise.all(ids.map((id) => recordOf(env, id)));
    const recorded = records.map(({ outcome }) => OUTCOMES.get(outcome?.status ?? 0) ?? 'something else');
    const expected = any === '' ? outcomes : recorded.map(() => any);
    if (recorded.join() !== expected.join()) return `on record: ${recorded.join(', ')}\n`;
    if (records.some((record) => SECRETS.test(deliveredText(record)))) return 'unmasked text was delivered\n';
    return '';
  }

  /** So many exchanges of a session at least, oldest first, once they are on record. */
  async function idsOf(session: string, count: number): Promise<string[]> {
    const audit = env.api(AuditService, 'auditor');
    let ids: string[] = [];
    const isThere = async () => {
      const { exchanges } = await audit.listExchanges({ pageSize: 1_000 });
      const found = exchanges.filter(({ session: name }) => name.startsWith(`sessions/${session}-`));
      ids = found.map(({ name }) => name.replace('exchanges/', '')).toReversed();
      return ids.length >= count;
    };
    await until(`${count} exchanges`, isThere, RECORDED_MS).catch(() => {});
    return ids;
  }
}
