/** A value that a request gives a parameter. */
export type ParameterValue = boolean | number | string;

/** What a policy may do with a parameter. */
export type ParameterUse = 'allow' | 'deny' | 'force' | 'drop' | 'max';

/** Something that a request asks of the provider, which policies can limit. */
export interface Parameter {
  /** As policies and conditions name it; the API's own word, unless the API has several for one thing. */
  readonly name: string;
  /** Of one value. `list`: a request gives several. */
  readonly kind: 'boolean' | 'number' | 'text' | 'list';
  readonly uses: readonly ParameterUse[];
  /** What it is, for docs/policy.md. */
  readonly about: string;
  /** What the provider takes an absent one for, by route. Only there, and where `adds` says so, is it known to be taken. */
  readonly absent?: Readonly<Record<string, ParameterValue>>;
  /** The member that a forced or greatest value is put in as where the request has none, by route. */
  readonly adds?: Readonly<Record<string, string>>;
  /** The value that counts where policies force different ones. Without it such policies contradict each other. */
  readonly strict?: ParameterValue;
  /** The one value that can be forced. */
  readonly forced?: ParameterValue;
  /** A request that has a value is refused, unless some policy has it in a list of what is allowed. */
  readonly listed?: true;
}

const BOTH = ['allow', 'deny'] as const;
const CHANGED = ['allow', 'deny', 'force', 'drop'] as const;
const NUMBER = ['allow', 'deny', 'force', 'max'] as const;

/** Every parameter that policies can limit: the one list that reading, judging, conditions and docs/policy.md go by. */
export const PARAMETERS: readonly Parameter[] = [
  {
    name: 'store',
    kind: 'boolean',
    uses: ['allow', 'deny', 'force'],
    about:
      'whether the provider keeps request and answer; absent it does for Responses, and does not for Chat Completions',
    absent: { 'responses.create': true, 'chat.completions.create': false },
    adds: { 'responses.create': 'store', 'chat.completions.create': 'store' },
    strict: false,
  },
  {
    name: 'background',
    kind: 'boolean',
    uses: ['allow', 'deny', 'force'],
    about: 'whether the provider answers later, and keeps the answer until then; absent: no',
    absent: { 'responses.create': false },
    adds: { 'responses.create': 'background' },
    strict: false,
  },
  {
    name: 'previous_response_id',
    kind: 'text',
    uses: BOTH,
    about:
      'the id of the kept response that this one goes on from, and those of kept items that it takes in (`item_reference`)',
  },
  {
    name: 'conversation',
    kind: 'text',
    uses: BOTH,
    about: 'the id of the kept conversation that this one belongs to',
  },
  { name: 'prompt', kind: 'text', uses: BOTH, about: 'the id of a prompt that is kept at the provider' },
  {
    name: 'prompt_variables',
    kind: 'list',
    uses: ['allow', 'deny', 'drop'],
    about: 'the names of the variables for it',
  },
  {
    name: 'metadata',
    kind: 'list',
    uses: ['allow', 'deny', 'drop'],
    about: 'the keys of what is kept beside an answer',
  },
  {
    name: 'include',
    kind: 'list',
    uses: ['allow', 'deny', 'drop'],
    about: 'what more the answer is to have: `reasoning.encrypted_content`; in a query as well',
  },
  {
    name: 'tools',
    kind: 'list',
    uses: BOTH,
    about:
      'the kinds of tools that are offered, wherever they stand: `function`, `custom`, hosted ones by their type (`web_search`, `mcp`, `code_interpreter`, ...), `data_sources` of Azure, `unknown` without one',
  },
  {
    name: 'files',
    kind: 'list',
    uses: BOTH,
    about:
      'the ids of files, vector stores and containers that the body names (`file_id`, `vector_store_ids`, `container`, ..., and `audio.id`, what was said before); refused unless some policy has them in `allow`',
    listed: true,
  },
  { name: 'model', kind: 'text', uses: BOTH, about: 'the model, where the request names one' },
  {
    name: 'max_output_tokens',
    kind: 'number',
    uses: ['max', 'force'],
    about: 'the most tokens of an answer: `max_output_tokens`, `max_completion_tokens`, `max_tokens`',
    adds: {
      'responses.create': 'max_output_tokens',
      'chat.completions.create': 'max_completion_tokens',
      'completions.create': 'max_tokens',
    },
  },
  {
    name: 'max_tool_calls',
    kind: 'number',
    uses: ['max', 'force'],
    about: 'the most calls of hosted tools',
    adds: { 'responses.create': 'max_tool_calls' },
  },
  { name: 'n', kind: 'number', uses: NUMBER, about: 'how many answers: `n`, `best_of`; absent: one' },
  {
    name: 'logprobs',
    kind: 'boolean',
    uses: ['allow', 'deny', 'force'],
    about:
      'whether the answer is to have the tokens once more, with their probabilities: `logprobs`, `top_logprobs`, and what `include` has for it; forced to `false` it is taken out of all of them',
    absent: { 'responses.create': false, 'chat.completions.create': false, 'completions.create': false },
    strict: false,
    forced: false,
  },
  {
    name: 'service_tier',
    kind: 'text',
    uses: CHANGED,
    about: 'how the provider treats the request: `default`, `flex`, `priority`',
    adds: { 'responses.create': 'service_tier', 'chat.completions.create': 'service_tier' },
  },
  { name: 'user', kind: 'text', uses: CHANGED, about: "the application's word for its user" },
  {
    name: 'safety_identifier',
    kind: 'text',
    uses: CHANGED,
    about: 'the same, for the safety checks of the provider',
  },
  { name: 'prompt_cache_key', kind: 'text', uses: CHANGED, about: 'what requests share a cache by' },
  {
    name: 'prompt_cache_retention',
    kind: 'text',
    uses: CHANGED,
    about: 'how long the provider keeps the cached prompt: `in_memory`, `24h`',
    adds: {
      'responses.create': 'prompt_cache_retention',
      'chat.completions.create': 'prompt_cache_retention',
    },
  },
  {
    name: 'prompt_cache_options',
    kind: 'list',
    uses: ['allow', 'deny', 'drop'],
    about: 'the names of further options of that cache',
  },
];

const BY_NAME = new Map(PARAMETERS.map((parameter) => [parameter.name, parameter]));

/** The parameter of a name; undefined when there is none. */
export function findParameter(name: string): Parameter | undefined {
  return BY_NAME.get(name);
}
