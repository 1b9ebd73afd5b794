import { toJson } from '@bufbuild/protobuf';
import { TimestampSchema, timestampMs } from '@bufbuild/protobuf/wkt';
import { Command } from 'commander';
import { toCurrency } from '#core/limit/money.ts';
import type { Detector } from '#core/phi/detect.ts';
import { actionWord } from '#core/policy/action-word.ts';
import { asEnforced } from '#core/policy/as-enforced.ts';
import type { CompiledPolicies } from '#core/policy/compiled.ts';
import type { SessionSoFar } from '#core/policy/condition/context.ts';
import { describePlace } from '#core/policy/decision-words.ts';
import { type Masks, type Simulated, simulate, type Unknown } from '#core/policy/trial/simulate.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Decision } from '#proto/sworn/policy/v1/decision_pb.ts';
import { type Policy, PolicyMode } from '#proto/sworn/policy/v1/policy_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { parseLimit } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { collect, withExamples } from '../../options.ts';
import { callerName, counted, countsText, shortName } from '../../output/names.ts';
import { messageJson, printValue } from '../../output/output.ts';
import { createProgress } from '../../output/progress.ts';
import { type Column, renderTable } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';
import { readDelivery } from '../../transcript/answer.ts';
import { type FilterOptions, readFilter, withFilter } from '../audit/filter.ts';
import { changesText, decisionText } from '../audit/render.ts';
import { compileTogether, readPolicies } from './read.ts';

interface SimulateOptions extends FilterOptions {
  readonly file: readonly string[];
  readonly limit?: string;
  readonly all?: boolean;
}

/** An exchange, and what would have become of it. */
interface Row {
  readonly exchange: Pick<Exchange, 'name' | 'caller' | 'decision' | 'startTime'>;
  readonly result: Simulated | Unknown;
}

const LIMIT = 1_000;
const PAGE = 1_000;

const COLUMNS: readonly Column<Row>[] = [
  { title: 'EXCHANGE', cell: ({ exchange }) => shortName(exchange.name), whole: true },
  { title: 'CHANGE', cell: ({ result }) => changeText(result), wrap: true },
  { title: 'WAS', cell: ({ exchange }) => decisionText(exchange.decision), wrap: true },
  { title: 'WOULD BE', cell: wouldBe, wrap: true },
  { title: 'CALLER', cell: ({ exchange }) => callerName(exchange.caller), spare: true },
  { title: 'BEGAN', cell: ({ exchange }) => formatTime(exchange.startTime), whole: true, spare: true },
];

/** `sworn policy simulate`: recorded exchanges, and what policies that are not in force yet would have said to them. */
export function createSimulateCommand(): Command {
  const command = new Command('simulate')
    .summary('try policies on recorded exchanges')
    .description(
      'Decides recorded exchanges again, by the policies in force with those of the files in the place of the ones of the\n' +
        'same name, and lists what would have been denied, asked or allowed, masked or unmasked. Needs the role auditor:\n' +
        'prompts and answers are read, which is recorded; they are judged on this machine, and none is shown.',
    )
    .requiredOption('-f, --file <file>', 'a YAML file of policies, or a directory; may be repeated', collect)
    .option('--limit <number>', `the first so many exchanges (default: ${LIMIT})`)
    .option('--all', 'list those as well of which nothing changes')
    .action((options: SimulateOptions, self: Command) =>
      invoke(self, (invocation) => run(invocation, options)),
    );
  return withExamples(
    withFilter(command),
    ['sworn policy simulate -f research.yaml --since 7d', "the last week's exchanges"],
    ['sworn policy simulate -f policies/ --session 0199f3c2 --all -o json', 'one session, for a program'],
  );
}

async function run(invocation: Invocation, options: SimulateOptions): Promise<void> {
  const { output } = invocation;
  const limit = parseLimit(options.limit, LIMIT);
  const candidates = await readPolicies(options.file);
  const policies = asEnforced([...(await others(invocation, candidates)), ...candidates]);
  const { compiled, detector } = compileTogether(policies);
  const rows = await judgeAll(invocation, { ...options, limit }, compiled, detector);
  if (output.format === 'table') {
    const shown = options.all === true ? rows : rows.filter(({ result }) => isChanged(result));
    if (shown.length > 0) await output.write(renderTable(COLUMNS, shown, output));
    await output.write(`${summary(rows)}\n`);
  } else await printValue(output, { exchanges: rows.map(rowJson), summary: countChanges(rows) });
  if (rows.length === limit) {
    output.note(`the first ${limit} exchanges; more with --limit, later ones with --since`);
  }
}

/** The policies in force that no candidate is named like. */
async function others({ client }: Invocation, candidates: readonly Policy[]): Promise<Policy[]> {
  const names = new Set(candidates.map(({ name }) => name));
  const found: Policy[] = [];
  let pageToken = '';
  do {
    const page = await client(PolicyService).listPolicies({ pageSize: PAGE, pageToken });
    found.push(
      ...page.policies.filter(({ name, spec }) => !names.has(name) && spec?.mode !== PolicyMode.OBSERVE),
    );
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return found;
}

async function judgeAll(
  invocation: Invocation,
  options: FilterOptions & { readonly limit: number },
  compiled: CompiledPolicies,
  detector: Detector,
): Promise<Row[]> {
  const isWhole = readsWholeSession(options);
  const sum = { exchanges: 0, tokens: 0, cost: 0 };
  const rows: Row[] = [];
  const progress = createProgress('simulating', options.limit);
  // A stream that is only left goes on to its end.
  const enough = new AbortController();
  const request = { filter: await readFilter(invocation, options), includeContent: true };
  try {
    for await (const { exchange } of invocation.client(AuditService).exportExchanges(request, enough)) {
      if (exchange?.decision === undefined || exchange.caller === undefined) continue;
      const { name, caller, decision, startTime } = exchange;
      const result = judge(exchange, compiled, detector, isWhole ? { ...sum } : undefined);
      // Without its content: there may be many.
      rows.push({ exchange: { name, caller, decision, startTime }, result });
      if (exchange.usage !== undefined) {
        sum.exchanges += 1;
        sum.tokens += Number(exchange.usage.inputTokens + exchange.usage.outputTokens);
        sum.cost += toCurrency(Number(exchange.costMicros ?? 0n));
      }
      progress.at(rows.length);
      if (rows.length === options.limit) break;
    }
  } finally {
    progress.end();
    enough.abort();
  }
  return rows;
}

/** What was answered before is known where all of a session is read. */
function readsWholeSession(options: FilterOptions): boolean {
  const { session, caller, since, status, policy, entity, trace, differs, breakGlass } = options;
  const others = [caller, since, status, policy, entity, trace, differs, breakGlass];
  return session !== undefined && others.every((other) => other === undefined);
}

function judge(
  exchange: Exchange,
  compiled: CompiledPolicies,
  detector: Detector,
  session: SessionSoFar | undefined,
): Simulated | Unknown {
  const { caller, decision, startTime, prompt, delivery } = exchange;
  if (caller === undefined || decision === undefined)
    return { change: 'unknown', reason: 'nothing was decided' };
  return simulate(compiled, detector, {
    caller,
    decision,
    startMs: startTime === undefined ? 0 : timestampMs(startTime),
    findings: exchange.promptFindings,
    tokenized: exchange.tokenized,
    masked: exchange.responseFindings,
    prompt,
    delivered: readDelivery(delivery?.frames ?? []).map(({ text }) => text),
    session,
  });
}

function isChanged(result: Simulated | Unknown): boolean {
  return result.change !== 'same' || maskText(result) !== '';
}

/** `denied`, `same, unmasked 2 DATE`. */
function changeText(result: Simulated | Unknown): string {
  return [result.change, maskText(result)].filter((part) => part !== '').join(', ');
}

function maskText(result: Simulated | Unknown): string {
  if (result.change === 'unknown') return '';
  const { masked, unmasked } = result;
  const parts = [
    ['masked', masked.answer],
    ['unmasked', unmasked.answer],
    ['sent masked', masked.request],
    ['sent bare', unmasked.request],
  ] as const;
  return parts
    .filter(([, counts]) => Object.keys(counts).length > 0)
    .map(([words, counts]) => `${words} ${countsText(counts)}`)
    .join(', ');
}

function wouldBe({ result }: Row): string {
  if (result.change === 'unknown') return `cannot be said: ${result.reason}`;
  const { decision, change } = result;
  const text = decisionText(decision);
  if (change === 'same') return text;
  const place = `${describePlace(decision.policy, decision.rule)}: `;
  const reason = decision.reason.startsWith(place) ? decision.reason.slice(place.length) : decision.reason;
  return `${text}: ${change === 'changed' ? changesText(decision) || 'sent as it was asked' : reason}`;
}

const CHANGES = ['denied', 'asked', 'allowed', 'changed', 'same', 'unknown'] as const;

function countChanges(rows: readonly Row[]): Record<string, number> {
  const counts = Object.fromEntries(CHANGES.map((change) => [change, 0]));
  for (const { result } of rows) counts[result.change] = (counts[result.change] ?? 0) + 1;
  const has = (which: 'masked' | 'unmasked') =>
    rows.filter(({ result }) => result.change !== 'unknown' && isAny(result[which])).length;
  return { exchanges: rows.length, ...counts, masked: has('masked'), unmasked: has('unmasked') };
}

function isAny({ request, answer }: Masks): boolean {
  return Object.keys(request).length + Object.keys(answer).length > 0;
}

function summary(rows: readonly Row[]): string {
  const { denied, asked, allowed, changed, same, unknown, masked, unmasked } = countChanges(rows);
  return (
    `${counted(rows.length, 'exchange')}: ${denied} newly denied, ${asked} newly asked, ${allowed} newly allowed,\n` +
    `${changed} sent with other changes, ${same} as they were, ${unknown} cannot be said;\n` +
    `${masked} masked more, ${unmasked} masked less`
  );
}

function rowJson({ exchange, result }: Row) {
  const { decision: was } = exchange;
  const before = {
    action: actionWord(was?.action ?? 0),
    policy: was?.policy ?? '',
    rule: was?.rule ?? '',
    changes: changesOf(was),
  };
  const base = {
    exchange: exchange.name,
    caller: exchange.caller === undefined ? null : messageJson(CallerSchema, exchange.caller),
    startTime: exchange.startTime === undefined ? null : toJson(TimestampSchema, exchange.startTime),
    change: result.change,
    was: before,
  };
  if (result.change === 'unknown') return { ...base, reason: result.reason };
  const { action, policy, rule, reason } = result.decision;
  const wouldBe = { action: actionWord(action), policy, rule, reason, changes: changesOf(result.decision) };
  return { ...base, wouldBe, masked: { ...result.masked }, unmasked: { ...result.unmasked } };
}

/** What goes to the provider otherwise than the caller sent it. */
function changesOf(decision: Decision | undefined): { parameter: string; change: string }[] {
  return (decision?.changes ?? []).map(({ parameter, change }) => ({ parameter, change }));
}
