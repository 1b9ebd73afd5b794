import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import type { RawFault } from './fault.ts';

/** A value of a YAML document with the path of its field. */
export interface Field {
  readonly node: Node | undefined;
  readonly path: string;
}

/** A fault and the node that it is about, where there is one. */
export interface NodeFault extends RawFault {
  readonly node: Node | undefined;
}

/**
 * Reads a YAML document strictly, by the shape that the caller asks for, and goes on after a fault, so that
 * all faults come out at once. Aliases, anchors and tags are refused: a policy says what it says where it
 * says it.
 */
export class YamlReader {
  readonly faults: NodeFault[] = [];
  /** Where each field that was read stands. */
  readonly nodes = new Map<string, Node>();

  /** The entries of a mapping. Keys other than `known`, where given, are faults. */
  readMap(field: Field, known?: readonly string[]): Map<string, Field> | undefined {
    const node = this.#visit(field);
    if (node === undefined) return undefined;
    if (!isMap(node)) return this.fault(field, `must be a mapping, this is ${describe(node)}`);
    const entries = new Map<string, Field>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) && typeof key.value === 'string' ? key.value : undefined;
      if (name === undefined) {
        this.fault({ node: isNode(key) ? key : node, path: field.path }, 'a key must be plain text');
        continue;
      }
      const path = field.path === '' ? name : `${field.path}.${name}`;
      if (known !== undefined && !known.includes(name)) {
        this.fault({ node: isNode(key) ? key : node, path }, `unknown field; there are ${known.join(', ')}`);
        continue;
      }
      if (entries.has(name)) {
        this.fault({ node: isNode(key) ? key : node, path }, `${name} stands here twice`);
        continue;
      }
      const child = isNode(value) ? value : undefined;
      this.nodes.set(path, child ?? (isNode(key) ? key : node));
      entries.set(name, { node: child, path });
    }
    return entries;
  }

  /** The items of a sequence; none when the field is absent or wrong. */
  readList(field: Field | undefined): Field[] {
    const node = field === undefined ? undefined : this.#visit(field);
    if (field === undefined || node === undefined) return [];
    if (!isSeq(node)) {
      this.fault(field, `must be a list, this is ${describe(node)}`);
      return [];
    }
    return node.items.map((item, i) => ({
      node: isNode(item) ? item : undefined,
      path: `${field.path}[${i}]`,
    }));
  }

  /** The text of a scalar; '' when the field is absent or wrong. */
  readText(field: Field | undefined): string {
    const node = field === undefined ? undefined : this.#visit(field);
    if (field === undefined || node === undefined) return '';
    if (isScalar(node) && typeof node.value === 'string') return node.value;
    this.fault(field, `must be text, this is ${describe(node)}${isScalar(node) ? ': put it in quotes' : ''}`);
    return '';
  }

  /** `true` or `false`; undefined when the field is absent or wrong. */
  readBoolean(field: Field | undefined): boolean | undefined {
    const node = field === undefined ? undefined : this.#visit(field);
    if (field === undefined || node === undefined) return undefined;
    if (isScalar(node) && typeof node.value === 'boolean') return node.value;
    return this.fault(field, `must be true or false, this is ${describe(node)}`);
  }

  /** A number; undefined when the field is absent or wrong. */
  readNumber(field: Field | undefined): number | undefined {
    const node = field === undefined ? undefined : this.#visit(field);
    if (field === undefined || node === undefined) return undefined;
    if (isScalar(node) && typeof node.value === 'number') return node.value;
    return this.fault(field, `must be a number, this is ${describe(node)}`);
  }

  /** The texts of a list of scalars. */
  readTexts(field: Field | undefined): string[] {
    return this.readList(field).map((item) => this.readText(item));
  }

  /** The texts of a mapping of scalars. */
  readTextMap(field: Field | undefined): Record<string, string> {
    const entries = field === undefined ? undefined : this.readMap(field);
    return Object.fromEntries(Array.from(entries ?? [], ([name, entry]) => [name, this.readText(entry)]));
  }

  fault({ node, path }: Field, message: string): undefined {
    this.faults.push({ path, message, node });
  }

  /** The node, unless it is absent or of a kind that is never taken; either is told. */
  #visit(field: Field): Node | undefined {
    const { node, path } = field;
    if (node === undefined || (isScalar(node) && node.value === null)) {
      return this.fault(field, 'has no value: write one, or leave the field out');
    }
    this.nodes.set(path, node);
    if (isAlias(node)) return this.fault(field, 'aliases (*name) cannot be used');
    if ('anchor' in node && node.anchor !== undefined)
      return this.fault(field, 'anchors (&name) cannot be used');
    if (node.tag !== undefined) return this.fault(field, `tags (${node.tag}) cannot be used`);
    return node;
  }
}

/**
 * The offset in the text of the character at `offset` of a scalar's value. Exact where the value stands in
 * the text as it is; otherwise (blocks, escapes) the beginning of the scalar.
 */
export function locate(node: Node, offset: number, text: string): number {
  const start = node.range?.[0] ?? 0;
  if (!isScalar(node) || typeof node.value !== 'string') return start;
  const begin = start + (isQuoted(node) ? 1 : 0);
  return text.startsWith(node.value, begin) ? begin + offset : start;
}

function isQuoted(node: Scalar): boolean {
  return node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
}

function describe(node: Node): string {
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  return isScalar(node) ? `a ${typeof node.value}` : 'an alias';
}
