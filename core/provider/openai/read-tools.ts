type Json = Record<string, unknown>;

/** A namespace holds tools, which may be namespaces again; deeper nesting is not in the API. */
const MAX_NAMESPACES = 8;

/**
 * The tools that a request offers to the model, each once: functions and custom tools by name, hosted tools
 * (`web_search`, `mcp`, `code_interpreter`, ...) by type. Reads `tools`, the legacy `functions`,
 * `web_search_options`, and tools that come as input items.
 */
export function readTools(request: Json): string[] {
  const names = new Set<string>();
  collect(request['tools'], names, MAX_NAMESPACES);
  collect(request['functions'], names, MAX_NAMESPACES);
  if (isObject(request['web_search_options'])) names.add('web_search');
  for (const item of objects(request['input'])) {
    if (item['type'] === 'additional_tools' || item['type'] === 'tool_search_output') {
      collect(item['tools'], names, MAX_NAMESPACES);
    }
  }
  return [...names];
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
