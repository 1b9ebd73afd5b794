type Json = Readonly<Record<string, unknown>>;

/**
 * The names of properties in the schemas that a request gives: of what its tools are called with, and of its answer. Whoever
 * reads those looks for them.
 *
 * @param request of bounded depth
 */
export function readSchemaKeys(request: Json): ReadonlySet<string> {
  const keys = new Set<string>();
  const items = Array.isArray(request['input']) ? request['input'].filter(isObject) : [];
  for (const { tools } of [request, ...items]) collect(tools, keys);
  for (const holder of ['functions', 'response_format', 'text']) collect(request[holder], keys);
  return keys;
}

function collect(value: unknown, keys: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    if (name === 'properties' && isObject(item)) for (const key of Object.keys(item)) keys.add(key);
    collect(item, keys);
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
