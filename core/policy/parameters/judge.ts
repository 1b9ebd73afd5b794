import type { JsonEdit } from '#core/provider/openai/edit.ts';
import {
  findParameter,
  PARAMETERS,
  type Parameter,
  type ParameterValue,
} from '#core/provider/openai/parameters/catalogue.ts';
import {
  LOGPROBS_INCLUDE,
  type ParameterPlace,
  type ParameterReading,
  type ParameterReadings,
} from '#core/provider/openai/parameters/read.ts';
import type { QueryEdit } from '#core/provider/openai/request/outgoing.ts';
import { isName } from '#core/provider/openai/structure.ts';
import type { CompiledParameter, CompiledParameters, ValueSet } from './compile.ts';

/** What somebody wants of parameters, and who: `policy hipaa`, `policy hipaa, rule research`. */
export interface ParameterDemand {
  /** `policies/{id}`. */
  readonly policy: string;
  readonly rule: string;
  readonly parameters: CompiledParameters;
}

/** A change of the request, in its body or its query. */
export type RequestEdit = JsonEdit | QueryEdit;

/** One thing that was changed, in words without content. */
export interface ParameterNote {
  readonly parameter: string;
  readonly change: string;
}

/** Why the parameters of a request are refused. */
export interface ParameterRefusal {
  readonly parameter: string;
  /** Empty where no policy allows it. */
  readonly policy: string;
  readonly rule: string;
  /** `parameter store is true; allowed: false`. */
  readonly words: string;
}

/** What becomes of the parameters of a request. */
export type ParameterJudgement =
  | { readonly refusal: ParameterRefusal }
  | {
      readonly refusal: undefined;
      readonly edits: readonly RequestEdit[];
      readonly notes: readonly ParameterNote[];
    };

interface Demand extends CompiledParameter {
  readonly policy: string;
  readonly rule: string;
}

/** What a stored prompt may bring that nobody here sees. */
const BROUGHT_BY_PROMPT = ['tools', 'model'];
const SHOWN_MAX = 10;

/**
 * Judges the parameters of a request by what all policies that apply want of them: first they are changed, then what they
 * are after that has to be allowed by every policy and denied by none.
 */
export function judgeParameters(
  demands: readonly ParameterDemand[],
  readings: ParameterReadings,
): ParameterJudgement {
  const edits: RequestEdit[] = [];
  const notes: ParameterNote[] = [];
  const wanted = new Map(PARAMETERS.map(({ name }) => [name, demandsFor(name, demands)]));
  for (const parameter of PARAMETERS) {
    const reading = readings.get(parameter.name);
    const made = wanted.get(parameter.name) ?? [];
    if (isUnlisted(parameter, reading, made)) return refuse(parameter, undefined, UNLISTED);
    if (made.length === 0) continue;
    // Whoever calls without readings has read nothing: that allows nothing.
    const judged = reading && judge(parameter, withoutDropped(parameter, reading, wanted), made);
    if (judged === undefined) return refuse(parameter, made[0], 'cannot be read');
    if ('refusal' in judged) return judged;
    // One by one: there may be more of them than a call takes arguments.
    for (const edit of judged.edits) edits.push(edit);
    if (judged.note !== '') notes.push({ parameter: parameter.name, change: judged.note });
  }
  return refusePrompt(wanted, readings) ?? { refusal: undefined, edits, notes };
}

const UNLISTED =
  'names what is kept at the provider, which any caller may have put there; a policy may list it under files.allow';

/** Whether a request says what no policy has on a list. */
function isUnlisted(
  { listed }: Parameter,
  reading: ParameterReading | undefined,
  made: readonly Demand[],
): boolean {
  if (listed !== true || reading?.values.length === 0) return false;
  return !made.some(({ allow }) => allow !== undefined);
}

/** What `logprobs` is forced out of `include` needs no leave there. */
function withoutDropped(
  { name }: Parameter,
  reading: ParameterReading,
  wanted: ReadonlyMap<string, readonly Demand[]>,
): ParameterReading {
  const isForced = wanted.get('logprobs')?.some(({ force: value }) => value !== undefined) === true;
  if (name !== 'include' || !isForced) return reading;
  return { ...reading, values: reading.values.filter((value) => value !== LOGPROBS_INCLUDE) };
}

function demandsFor(name: string, demands: readonly ParameterDemand[]): Demand[] {
  return demands.flatMap(({ policy, rule, parameters }) => {
    const wanted = parameters.get(name);
    return wanted === undefined ? [] : [{ ...wanted, policy, rule }];
  });
}

interface Changed {
  readonly edits: readonly RequestEdit[];
  readonly note: string;
  /** What the parameter is for the provider. */
  readonly values: readonly ParameterValue[];
}

function judge(
  parameter: Parameter,
  reading: ParameterReading,
  demands: readonly Demand[],
): Changed | { readonly refusal: ParameterRefusal } {
  const forced = strictestForce(parameter, demands);
  if (forced === 'contradiction') {
    return refuse(parameter, demands[0], `is forced to different values: ${describeForces(demands)}`);
  }
  if (reading.misspelt)
    return refuse(parameter, demands[0], 'stands there in another spelling: write it in small letters');
  if (reading.malformed && forced === undefined) {
    return refuse(parameter, demands[0], `has a value that is none of its kind${remedyOf(parameter)}`);
  }
  const changed = change(parameter, reading, forced, demands);
  for (const demand of demands) {
    const refused = changed.values.find((value) => !isAllowed(value, demand));
    if (refused === undefined) continue;
    const isUnsaid = forced === undefined && reading.places.every(({ value }) => value === null);
    const words = describeRefusal(parameter, refused, demand);
    return refuse(parameter, demand, isUnsaid ? words + describeDefault(parameter, refused, demand) : words);
  }
  return changed;
}

function change(
  parameter: Parameter,
  reading: ParameterReading,
  forced: ParameterValue | undefined,
  demands: readonly Demand[],
): Changed {
  if (forced !== undefined) return force(parameter, reading, forced);
  const limits = demands.flatMap(({ max }) => (max === undefined ? [] : [max]));
  if (limits.length > 0) return limit(reading, Math.min(...limits));
  const drops = demands.flatMap(({ drop }) => (drop === undefined ? [] : [drop]));
  return drops.length > 0 ? dropValues(reading, drops) : { edits: [], note: '', values: reading.values };
}

function force(parameter: Parameter, reading: ParameterReading, forced: ParameterValue): Changed {
  const { places, adds } = reading;
  if (parameter.forced !== undefined) {
    const edits = places.map(remove);
    return {
      edits,
      note: edits.length > 0 ? 'dropped' : '',
      values: reading.values.length > 0 ? [forced] : [],
    };
  }
  const edits = places.filter(({ value }) => value !== forced).flatMap((place) => set(place, forced));
  if (places.length === 0 && adds !== undefined) {
    // Also where it is the default: of OpenAI's API, which need not be this provider's.
    edits.push({ path: [adds], value: forced });
  }
  const isTaken = places.length > 0 || adds !== undefined;
  return { edits, note: edits.length > 0 ? `set to ${forced}` : '', values: isTaken ? [forced] : [] };
}

function limit(reading: ParameterReading, max: number): Changed {
  const { places, adds } = reading;
  const over = places.filter(({ value }) => typeof value === 'number' && value > max);
  const edits = over.flatMap((place) => set(place, max));
  if (reading.values.length === 0 && adds !== undefined) edits.push({ path: [adds], value: max });
  const values = reading.values.map((value) => (typeof value === 'number' ? Math.min(value, max) : value));
  return { edits, note: edits.length > 0 ? `set to ${max}` : '', values };
}

function dropValues(reading: ParameterReading, drops: readonly ValueSet[]): Changed {
  const isDropped = (value: unknown) => drops.some((drop) => drop.has(value as ParameterValue));
  const dropped = reading.places.filter(({ value }) => value !== null && isDropped(value));
  const note = dropped.length > 1 ? `dropped (${dropped.length} values)` : 'dropped';
  return {
    edits: dropped.map(remove),
    note: dropped.length > 0 ? note : '',
    values: reading.values.filter((value) => !isDropped(value)),
  };
}

function set(place: ParameterPlace, value: ParameterValue): JsonEdit[] {
  return 'path' in place ? [{ path: place.path, value }] : [];
}

function remove(place: ParameterPlace): RequestEdit {
  return 'path' in place ? { path: place.path } : { query: place.query, value: String(place.value) };
}

/** The value that all who force one force; the strict one, where any does. */
function strictestForce(
  { strict }: Parameter,
  demands: readonly Demand[],
): ParameterValue | undefined | 'contradiction' {
  const forced = new Set(demands.flatMap(({ force: value }) => (value === undefined ? [] : [value])));
  if (strict !== undefined && forced.has(strict)) return strict;
  if (forced.size > 1) return 'contradiction';
  return [...forced][0];
}

function isAllowed(value: ParameterValue, { allow, deny }: Demand): boolean {
  return (allow === undefined || allow.has(value)) && deny?.has(value) !== true;
}

/** A prompt of the provider's may bring tools and a model of its own, so it passes no list of these unless it is on one. */
function refusePrompt(
  wanted: ReadonlyMap<string, readonly Demand[]>,
  readings: ParameterReadings,
): { readonly refusal: ParameterRefusal } | undefined {
  const prompt = findParameter('prompt');
  const isListed = wanted.get('prompt')?.some(({ allow }) => allow !== undefined) === true;
  if (prompt === undefined || isListed || readings.get('prompt')?.places.length === 0) return undefined;
  for (const name of BROUGHT_BY_PROMPT) {
    const limiting = wanted.get(name)?.find(({ allow, deny }) => allow !== undefined || deny !== undefined);
    if (limiting === undefined) continue;
    const words = `names a prompt kept at the provider, which may bring ${name} that the policy does not see; a policy may list it under prompt.allow`;
    return refuse(prompt, limiting, words);
  }
  return undefined;
}

function refuse(
  { name }: Parameter,
  demand: Demand | undefined,
  words: string,
): { readonly refusal: ParameterRefusal } {
  const { policy = '', rule = '' } = demand ?? {};
  return { refusal: { parameter: name, policy, rule, words: `the parameter ${name} ${words}` } };
}

function describeRefusal(parameter: Parameter, value: ParameterValue, demand: Demand): string {
  const { allow, deny } = demand;
  const isUnlisted = allow?.has(value) === false;
  if (!isUnlisted && deny?.shown.includes('*') === true) return 'may not be used';
  const what = isTellable(parameter, value) ? `is ${value}` : 'has a value that is not allowed';
  return `${what}; ${isUnlisted ? 'allowed' : 'not allowed'}: ${list(isUnlisted ? allow : deny)}`;
}

/** What to write instead of a value that is none. */
function remedyOf({ kind }: Parameter): string {
  if (kind === 'boolean') return ': write true or false';
  return kind === 'number' ? ': write a whole number from 1' : '';
}

/** Nobody wrote the value that is refused: the caller has to be told where it comes from. */
function describeDefault({ name }: Parameter, value: ParameterValue, demand: Demand): string {
  if (typeof value !== 'boolean') return '';
  const advice = isAllowed(!value, demand) ? `: send "${name}": ${!value}` : '';
  return `; the request does not say, and that is the provider's default${advice}`;
}

function list(values: ValueSet | undefined): string {
  const { shown = [] } = values ?? {};
  return shown.slice(0, SHOWN_MAX).join(', ') + (shown.length > SHOWN_MAX ? ', ...' : '');
}

/** The words end in a record, which has no room for what the caller made up. */
function isTellable({ name }: Parameter, value: ParameterValue): boolean {
  if (typeof value !== 'string') return true;
  if (name === 'model') return isName('model', value);
  return (
    ['tools', 'include', 'service_tier', 'prompt_cache_retention'].includes(name) && isName('type', value)
  );
}

function describeForces(demands: readonly Demand[]): string {
  const forcing = demands.filter(({ force: value }) => value !== undefined);
  return forcing
    .map(({ policy, force: value }) => `${value} by ${policy.replace(/^policies\//, '')}`)
    .join(', ');
}
