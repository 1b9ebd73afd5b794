import { posix } from 'node:path';
import { parseAst } from 'vitest/node';

/** One import of a file: statements, re-exports, `import()` and types alike. */
export interface Import {
  /**
   * Where it leads: a path in the repository (`core/phi/mask.ts`), a package (`undici`, `@scope/name`), or a Node
   * module with its prefix (`node:fs`). `?` for an `import()` of something computed.
   */
  readonly target: string;
  readonly kind: 'file' | 'package' | 'node' | 'computed';
  /** The names imported; `*` for the whole module, `default` for its default. Empty for `import()` and types by `import()`. */
  readonly names: readonly string[];
}

/** What the rules look at in a source file. */
export interface Source {
  /** Path in the repository, with slashes. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly exports: readonly string[];
  /** Uses of globals with an effect: `Date.now`, `new Date()`, `fetch`. */
  readonly effects: readonly string[];
}

/** A node of the ESTree that the parser makes. */
interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

const EFFECT_OBJECTS = new Set(['process', 'performance', 'console', 'crypto', 'globalThis', 'Atomics']);
const EFFECT_MEMBERS = new Set(['Date.now', 'Math.random', 'Temporal.Now']);
const EFFECT_CALLS = new Set([
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'require',
  'Date',
]);

/** Parses a TypeScript or JavaScript file with the parser that runs the tests (rolldown's, through Vitest). */
export function readSource(path: string, text: string): Source {
  const imports: Import[] = [];
  const exports: string[] = [];
  const effects: string[] = [];
  const program = parseAst(text, { lang: path.endsWith('.ts') ? 'ts' : 'js' }) as unknown as Node;
  visit(program, (node) => {
    const found = readImport(path, node);
    if (found !== undefined) imports.push(found);
    exports.push(...readExports(node));
    const effect = readEffect(node);
    if (effect !== undefined) effects.push(effect);
  });
  return { path, lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0), imports, exports, effects };
}

function visit(node: Node, see: (node: Node) => void): void {
  see(node);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) visit(child, see);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function readImport(path: string, node: Node): Import | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
      return resolve(path, node['source'], nodes(node['specifiers']).map(importedName));
    case 'ExportNamedDeclaration':
      return isNode(node['source'])
        ? resolve(
            path,
            node['source'],
            nodes(node['specifiers']).map((name) => nameOf(name['local'])),
          )
        : undefined;
    case 'ExportAllDeclaration':
      return resolve(path, node['source'], ['*']);
    case 'ImportExpression':
    case 'TSImportType':
      return resolve(path, node['source'], []);
    case 'TSExternalModuleReference':
      return resolve(path, node['expression'], ['*']);
    default:
      return undefined;
  }
}

function resolve(path: string, source: unknown, names: readonly string[]): Import {
  const value = isNode(source) ? source['value'] : undefined;
  if (typeof value !== 'string') return { target: '?', kind: 'computed', names };
  if (value.startsWith('.')) {
    return { target: posix.join(posix.dirname(path), value), kind: 'file', names };
  }
  if (value.startsWith('#core/')) return { target: value.slice(1), kind: 'file', names };
  if (value.startsWith('#proto/')) {
    return { target: `proto/gen/${value.slice('#proto/'.length)}`, kind: 'file', names };
  }
  if (value.startsWith('node:')) return { target: value, kind: 'node', names };
  const parts = value.split('/');
  return { target: parts.slice(0, value.startsWith('@') ? 2 : 1).join('/'), kind: 'package', names };
}

function readExports(node: Node): string[] {
  if (node.type === 'ExportDefaultDeclaration') return ['default'];
  if (node.type !== 'ExportNamedDeclaration') return [];
  const declaration = node['declaration'];
  const declared = isNode(declaration)
    ? [nameOf(declaration['id']), ...nodes(declaration['declarations']).map(({ id }) => nameOf(id))]
    : [];
  return [...declared, ...nodes(node['specifiers']).map((name) => nameOf(name['exported']))].filter(
    (name) => name !== '',
  );
}

function readEffect(node: Node): string | undefined {
  if (node.type === 'MemberExpression') {
    const object = nameOf(node['object']);
    const member = `${object}.${nameOf(node['property'])}`;
    return EFFECT_OBJECTS.has(object) || EFFECT_MEMBERS.has(member) ? member : undefined;
  }
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return undefined;
  const callee = nameOf(node['callee']);
  if (node.type === 'CallExpression') return EFFECT_CALLS.has(callee) ? `${callee}()` : undefined;
  // With an argument a Date is a calculation; without, it is the clock.
  return callee === 'Date' && nodes(node['arguments']).length === 0 ? 'new Date()' : undefined;
}

function importedName(specifier: Node): string {
  if (specifier.type === 'ImportNamespaceSpecifier') return '*';
  if (specifier.type === 'ImportDefaultSpecifier') return 'default';
  return nameOf(specifier['imported']);
}

/** The name of an identifier, or the value of a name written as a string. */
function nameOf(node: unknown): string {
  if (!isNode(node)) return '';
  const name = node['name'] ?? node['value'];
  return typeof name === 'string' ? name : '';
}

function nodes(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}
