type Json = Record<string, unknown>;

/** What Azure searches for an answer, at an address that the request names. All of them are one tool, whatever type they say. */
const DATA_SOURCES = 'data_sources';

/**
 * The tools that a request offers to the model, each once: functions and custom tools by name, hosted tools
 * (`web_search`, `mcp`, `code_interpreter`, ...) by type.
 *
 * @param request of bounded depth: tools in namespaces count however deep they are
 */
export function readTools(request: Json): string[] {
  const names = new Set<string>();
  for (const tool of [...toolsOf(request), ...unfold(request['functions'])]) {
    if (isObject(tool)) for (const name of namesOf(tool)) names.add(name);
  }
  if (isObject(request['web_search_options'])) names.add('web_search');
  if (isPresent(request[DATA_SOURCES])) names.add(DATA_SOURCES);
  return [...names];
}

/**
 * The kinds of the tools that a request offers, each once: `function`, `custom`, a hosted tool's type, `unknown` for what has
 * none. A namespace is as what it holds.
 *
 * @param request of bounded depth
 */
export function readToolKinds(request: Json): string[] {
  const kinds = new Set<string>();
  for (const tool of toolsOf(request)) {
    const { type, tools } = isObject(tool) ? tool : {};
    if (type !== 'namespace' || !isPresent(tools)) kinds.add(typeof type === 'string' ? type : 'unknown');
  }
  if (isPresent(request['functions'])) kinds.add('function');
  if (isPresent(request['web_search_options'])) kinds.add('web_search');
  if (isPresent(request[DATA_SOURCES])) kinds.add(DATA_SOURCES);
  return [...kinds];
}

/** The tools of a request, wherever the API has them. What a server was seen to have (`mcp_list_tools`) offers none. */
function* toolsOf(request: Json): Generator<unknown> {
  yield* unfold(request['tools']);
  for (const { type, tools } of [...objects(request['input']), ...objects(request['items'])]) {
    if (type !== 'mcp_list_tools') yield* unfold(tools);
  }
}

/** A list of tools and, behind each, those in it. What is no list is one tool, of which nothing is known. */
function* unfold(tools: unknown): Generator<unknown> {
  if (!isPresent(tools)) return;
  for (const tool of Array.isArray(tools) ? tools : [undefined]) {
    yield tool;
    if (isObject(tool)) yield* unfold(tool['tools']);
  }
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/**
 * A tool's name where it has one, its type where that says more. Responses put the name beside the type, Chat
 * Completions below it, legacy functions have no type. A tool with both names is known by both: which of them counts is
 * the provider's business, and neither must hide the other.
 */
function namesOf(tool: Json): string[] {
  const { type } = tool;
  const holders = [tool, tool['function'], tool['custom']].filter(isObject);
  const named = holders.map(({ name }) => name).filter((name) => typeof name === 'string');
  if (typeof type !== 'string') return named;
  const plain = type === 'function' || type === 'custom' || type === 'namespace';
  if (!plain) return [type];
  return named.length === 0 ? [type] : named;
}

/** The ids of the tool calls whose outputs the request brings, each once, in order. */
export function readCallIds(request: Json): string[] {
  const ids = new Set<string>();
  for (const item of objects(request['input'])) {
    const { type, call_id: id } = item;
    if (typeof type === 'string' && type.endsWith('_output') && typeof id === 'string') ids.add(id);
  }
  for (const message of objects(request['messages'])) {
    const id = message['tool_call_id'];
    if (message['role'] === 'tool' && typeof id === 'string') ids.add(id);
  }
  return [...ids];
}

function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
