import { Command, Option } from 'commander';
import { parseMoney, toCurrency } from '#core/limit/money.ts';
import { actionWord } from '#core/policy/action-word.ts';
import { asEnforced } from '#core/policy/as-enforced.ts';
import { tellDenial } from '#core/policy/decision-words.ts';
import { formatDuration } from '#core/policy/duration.ts';
import type { PolicyExplanation } from '#core/policy/explain.ts';
import type { RuleTrace } from '#core/policy/judge-rules.ts';
import { describeLimit, placeOf } from '#core/policy/limit/words.ts';
import { type Sample, type Trial, trySample } from '#core/policy/trial/sample.ts';
import { RequestError } from '#core/provider/openai/request/request.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { LimitScopeSchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { UsageUnitSchema } from '#proto/sworn/usage/v1/usage_pb.ts';
import { usageFailure } from '../../failure.ts';
import { invokeOffline } from '../../invocation.ts';
import { collect, parseTime, withExamples } from '../../options.ts';
import { type Field, renderFields } from '../../output/fields.ts';
import { countsText, enumWord, shortName } from '../../output/names.ts';
import { type Output, printValue } from '../../output/output.ts';
import { readStdin, readText } from '../../read.ts';
import { changesText } from '../audit/render.ts';
import { compileTogether, readPolicies } from './read.ts';

interface ExplainOptions {
  readonly file: readonly string[];
  readonly call: string;
  readonly body?: string;
  readonly prompt?: string;
  readonly group?: readonly string[];
  readonly issuer: string;
  readonly subject: string;
  readonly email: string;
  readonly client: string;
  readonly claim?: readonly string[];
  readonly at?: Date;
  readonly region: string;
  readonly label?: readonly string[];
  readonly exchanges: string;
  readonly tokens: string;
  readonly observed?: boolean;
  readonly cost: string;
}

/** `sworn policy explain`: one request, and why policies say to it what they say. */
export function createExplainCommand(): Command {
  const command = new Command('explain')
    .summary('say what policies say to one request, and why')
    .description(
      'Decides one request on this machine, by the policies of files, and tells of each policy and rule what it had to do ' +
        'with it. Nothing is sent, and nobody is asked.',
    )
    .requiredOption(
      '-f, --file <file>',
      'a YAML file of policies, or a directory of them; may be repeated',
      collect,
    )
    .option('--call <call>', 'method and path', 'POST /responses')
    .option('--body <file>', 'the JSON body; - for stdin')
    .option('--prompt <text>', 'short for a body that asks gpt-5 this')
    .option('--group <group>', 'a group of the caller; may be repeated', collect)
    .option('--issuer <url>', 'the issuer of the token', 'https://id.example.org')
    .option('--subject <subject>', 'the subject of the token', 'somebody')
    .option('--email <email>', 'the e-mail address in the token', '')
    .option('--client <client>', 'the client of the token', '')
    .option('--claim <name=value>', 'a claim of the token; may be repeated', collect)
    .addOption(new Option('--at <time>', 'when: 2026-03-02T14:30:00Z; now without it').argParser(parseTime))
    .option('--region <name>', 'the region of the plane', '')
    .option('--label <name=value>', 'a label of the plane; may be repeated', collect)
    .option('--exchanges <number>', 'exchanges of the session before', '0')
    .option('--tokens <number>', 'tokens of the session before', '0')
    .option('--observed', 'as if policies that only observe counted')
    .option('--cost <amount>', 'what the session before has cost', '0')
    .action((options: ExplainOptions, self: Command) =>
      invokeOffline(self, (output) => explain(output, options)),
    );
  return withExamples(
    command,
    ['sworn policy explain -f policies/ --group clinicians --prompt "List all patients"', ''],
    ['sworn policy explain -f policies/ --group research --body request.json --output json', ''],
  );
}

async function explain(output: Output, options: ExplainOptions): Promise<void> {
  const sample = await readSample(options);
  const policies = await readPolicies(options.file);
  const { compiled, detector } = compileTogether(options.observed ? asEnforced(policies) : policies);
  const trial = tryOut(() => trySample(compiled, detector, sample));
  if (output.format === 'table') await output.write(renderTrial(trial, output.width));
  else await printValue(output, trialJson(trial));
}

function tryOut(run: () => Trial): Trial {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw usageFailure(`a data plane refuses this request unread: ${error.message}`);
  }
}

async function readSample(options: ExplainOptions): Promise<Sample> {
  const { issuer, subject, email, client, call, region } = options;
  if (!/^[A-Z]+ \/\S*$/.test(call)) throw usageFailure('--call is like "POST /responses"');
  const claims: Record<string, string[]> = {};
  for (const [name, value] of pairs('--claim', options.claim))
    claims[name] = [...(claims[name] ?? []), value];
  return {
    caller: { issuer, subject, email, client, groups: options.group ?? [], claims },
    call,
    body: await readBody(options),
    circumstances: {
      nowMs: (options.at ?? new Date()).getTime(),
      region,
      labels: Object.fromEntries(pairs('--label', options.label)),
      session: {
        exchanges: readCount('--exchanges', options.exchanges),
        tokens: readCount('--tokens', options.tokens),
        cost: readAmount('--cost', options.cost),
      },
    },
  };
}

async function readBody({ body, prompt, call }: ExplainOptions): Promise<string> {
  if (body !== undefined && prompt !== undefined) throw usageFailure('--body or --prompt, not both');
  if (body !== undefined) return body === '-' ? readStdin() : readText(body, 'the body');
  if (prompt !== undefined) return JSON.stringify({ model: 'gpt-5', input: prompt });
  return call.startsWith('POST') ? '{}' : '';
}

function pairs(option: string, typed: readonly string[] = []): [string, string][] {
  return typed.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw usageFailure(`${option} is like name=value`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
}

function readAmount(option: string, typed: string): number {
  const micros = parseMoney(typed);
  if (micros === undefined) throw usageFailure(`${option} is an amount like 2.50`);
  return toCurrency(micros);
}

function readCount(option: string, typed: string): number {
  if (/^\d{1,15}$/.test(typed)) return Number(typed);
  throw usageFailure(`${option} is a whole number`);
}

function renderTrial(trial: Trial, width: number | undefined): string {
  const { decision, approval, mask, limits } = trial.result;
  const { retention } = decision;
  const kept = retention === undefined ? '' : formatDuration(Number(retention.seconds));
  const masks = Object.entries(mask.entities).map(([entity, method]) => `${entity} ${method}`);
  const fields: Field[] = [
    ['decision', actionWord(decision.action)],
    ['because', decision.reason],
    ['told', told(trial.result)],
    ['reviewers', approval?.reviewers.join(', ') ?? ''],
    ['purpose', decision.purpose],
    ['changed', changesText(decision)],
    ['limits', limits.map((limit) => `${placeOf(limit)}: ${describeLimit(limit)}`).join('\n')],
    [
      'masked',
      actionWord(decision.action) !== 'deny' ? [`all else ${mask.default}`, ...masks].join(', ') : '',
    ],
    ['tokenized', tokensText(trial.result.tokenize)],
    ['kept for', kept],
    ['findings', countsText(trial.findings as Record<string, number>)],
  ];
  const policies = trial.policies.map((policy) => renderPolicy(policy, width)).join('');
  return `${renderFields(fields, width)}\n${policies}`;
}

/** As the caller is told, before the id of the record. */
function told(result: Trial['result']): string {
  return result.decision.action === Action.DENY ? tellDenial(result) : '';
}

/** `all else keep, PERSON restore`: what is replaced in the request, and restored in the answer. */
function tokensText(plan: Trial['result']['tokenize']): string {
  if (plan === undefined) return '';
  const entities = Object.entries(plan.entities).map(([entity, choice]) => `${entity} ${choice}`);
  return [`all else ${plan.default}`, ...entities].join(', ');
}

const MISFITS = {
  groups: "is for other groups than the caller's",
  route: 'is for other routes',
  model: 'is for other models',
} as const;

function renderPolicy(
  { policy, misfit, unnamed, rules }: PolicyExplanation,
  width: number | undefined,
): string {
  const name = `policy ${shortName(policy)}`;
  if (misfit !== undefined) return `${name}: ${MISFITS[misfit]}\n`;
  const decides = rules.at(-1)?.holds === true;
  const note = unnamed ? ', but may not allow: it does not name the route' : '';
  return `${name}: applies${decides ? note : '; no rule holds'}\n${rules.map((rule) => renderRule(rule, width)).join('')}`;
}

function renderRule(
  { rule, condition, values, holds, failure }: RuleTrace,
  width: number | undefined,
): string {
  const outcome =
    failure === undefined ? (holds ? 'holds' : 'does not hold') : `cannot be evaluated: ${failure}`;
  return renderFields(
    [
      [`  rule ${rule}`, outcome],
      ['    when', condition.trim().replaceAll(/\s+/g, ' ')],
      ['    where', values.map(([name, value]) => `${name} = ${value}`).join(', ')],
    ],
    width,
  );
}

function trialJson(trial: Trial) {
  const { decision, approval, mask, param, tokenize, limits } = trial.result;
  return {
    action: actionWord(decision.action),
    policy: decision.policy,
    rule: decision.rule,
    condition: decision.condition,
    reason: decision.reason,
    message: told(trial.result),
    param,
    purpose: decision.purpose,
    reviewers: [...(approval?.reviewers ?? [])],
    changes: decision.changes.map(({ parameter, change }) => ({ parameter, change })),
    limits: limits.map(({ policy, limit, per, subject, unit, max, everySeconds }) => ({
      ...{ policy, limit, per: enumWord(LimitScopeSchema, per), subject },
      ...{ unit: enumWord(UsageUnitSchema, unit), max, everySeconds },
    })),
    mask: { default: mask.default, entities: { ...mask.entities } as Record<string, string> },
    tokenize:
      tokenize === undefined
        ? null
        : { default: tokenize.default, entities: { ...tokenize.entities } as Record<string, string> },
    retention: decision.retention === undefined ? null : formatDuration(Number(decision.retention.seconds)),
    findings: { ...trial.findings } as Record<string, number>,
    policies: trial.policies.map(({ policy, misfit, unnamed, rules }) => ({
      policy,
      applies: misfit === undefined,
      misfit: misfit ?? null,
      unnamed,
      rules: rules.map(({ rule, condition, values, holds, failure }) => ({
        rule,
        condition,
        values: Object.fromEntries(values),
        holds,
        failure: failure ?? null,
      })),
    })),
  };
}
