import type { Random } from './random.ts';
import type { Piece } from './text.ts';

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'slot'; readonly name: string }
  | { readonly kind: 'choice'; readonly options: readonly (readonly Node[])[] };

/** What a slot stands for; asked once each time it comes. */
export type Fill = (name: string) => readonly Piece[];

const parsed = new Map<string, readonly Node[]>();

/**
 * Writes a template. `{slot}` is filled in, `[a|b|c]` is one of its options (an empty one makes it optional), and
 * a backslash takes the next character as it is. Options may hold slots and further options.
 */
export function write(template: string, random: Random, fill: Fill): Piece[] {
  let nodes = parsed.get(template);
  if (nodes === undefined) {
    nodes = new Parser(template).all();
    parsed.set(template, nodes);
  }
  const pieces: Piece[] = [];
  const add = (list: readonly Node[]): void => {
    for (const node of list) {
      if (node.kind === 'text') pieces.push({ text: node.text });
      else if (node.kind === 'slot') pieces.push(...fill(node.name));
      else add(random.pick(node.options));
    }
  };
  add(nodes);
  return pieces;
}

class Parser {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  all(): Node[] {
    const nodes = this.#sequence(false);
    if (this.#at < this.#source.length) throw new Error(`a bracket too many in: ${this.#source}`);
    return nodes;
  }

  #sequence(inside: boolean): Node[] {
    const nodes: Node[] = [];
    let text = '';
    const flush = (): void => {
      if (text !== '') nodes.push({ kind: 'text', text });
      text = '';
    };
    for (; this.#at < this.#source.length; this.#at++) {
      const c = this.#source.charAt(this.#at);
      if (c === ']' || (inside && c === '|')) break;
      if (c === '\\') text += this.#source.charAt(++this.#at);
      else if (c === '{' || c === '[') {
        flush();
        nodes.push(c === '{' ? this.#slot() : this.#choice());
      } else text += c;
    }
    flush();
    return nodes;
  }

  #slot(): Node {
    const end = this.#source.indexOf('}', this.#at);
    if (end < 0) throw new Error(`a slot without end in: ${this.#source}`);
    const name = this.#source.slice(this.#at + 1, end);
    this.#at = end;
    return { kind: 'slot', name };
  }

  #choice(): Node {
    const options: Node[][] = [];
    do {
      this.#at += 1;
      options.push(this.#sequence(true));
    } while (this.#source.charAt(this.#at) === '|');
    if (this.#source.charAt(this.#at) !== ']') throw new Error(`a choice without end in: ${this.#source}`);
    return { kind: 'choice', options };
  }
}
