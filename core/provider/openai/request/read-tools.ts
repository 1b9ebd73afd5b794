type Json = Record<string, unknown>;

/** A namespace holds tools, which may be namespaces again; deeper nesting is not in the API. */
const MAX_NAMESPACES = 8;

/** What Azure searches for an answer, at an address that the request names. All of them are one tool, whatever type they say. */
const DATA_SOURCES = 'data_sources';

/**
 * The tools that a request offers to the model, each once: functions and custom tools by name, hosted tools
 * (`web_search`, `mcp`, `code_interpreter`, ...) by type. Reads `tools`, the legacy `functions`,
 * `web_search_options`, Azure's `data_sources`, and tools that come as input items.
 */
export function readTools(request: Json): string[] {
  const names = new Set<string>();
  collect(request['tools'], names, MAX_NAMESPACES);
  collect(request['functions'], names, MAX_NAMESPACES);
  if (isObject(request['web_search_options'])) names.add('web_search');
  if (isPresent(request[DATA_SOURCES])) names.add(DATA_SOURCES);
  for (const item of objects(request['input'])) {
    if (item['type'] === 'additional_tools' || item['type'] === 'tool_search_output') {
      collect(item['tools'], names, MAX_NAMESPACES);
    }
  }
  return [...names];
}

/**
 * The kinds of the tools that a request offers, each once: `function`, `custom`, a hosted tool's type, `unknown` for what has
 * none. A namespace is as what it holds.
 */
export function readToolKinds(request: Json): string[] {
  const kinds = new Set<string>();
  for (const tools of toolLists(request)) collectKinds(tools, kinds, MAX_NAMESPACES);
  if (isPresent(request['functions'])) kinds.add('function');
  if (isPresent(request['web_search_options'])) kinds.add('web_search');
  if (isPresent(request[DATA_SOURCES])) kinds.add(DATA_SOURCES);
  return [...kinds];
}

/** The lists of tools of a request, wherever the API has one. What a server was seen to have (`mcp_list_tools`) offers none. */
function toolLists(request: Json): unknown[] {
  const items = [...objects(request['input']), ...objects(request['items'])].filter(
    ({ type }) => type !== 'mcp_list_tools',
  );
  return [request['tools'], ...items.map((item) => item['tools'])].filter(isPresent);
}

function collectKinds(tools: unknown, kinds: Set<string>, levels: number): void {
  if (!Array.isArray(tools)) {
    kinds.add('unknown');
    return;
  }
  for (const tool of tools) {
    const type = isObject(tool) ? tool['type'] : undefined;
    const inner = isObject(tool) ? tool['tools'] : undefined;
    if (type !== 'namespace' || inner === undefined) kinds.add(typeof type === 'string' ? type : 'unknown');
    if (inner === undefined) continue;
    if (levels > 0) collectKinds(inner, kinds, levels - 1);
    else kinds.add('unknown');
  }
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function collect(tools: unknown, names: Set<string>, levels: number): void {
  for (const tool of objects(tools)) {
    for (const name of namesOf(tool)) names.add(name);
    if (levels > 0) collect(tool['tools'], names, levels - 1);
  }
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
