import type { Column } from '../table/heading.ts';
import { Columns } from './columns.ts';
import type { Container } from './grammar.ts';
import type { Around } from './json-string.ts';
import { labelOf } from './label.ts';

/** Where in a document of JSON the value that comes next stands, and what that says of it. */
export class Nesting {
  readonly #around: Around | undefined;
  readonly #stack: Container[] = [];
  readonly #columns = new Columns();

  /** `around` says of what the document is a part. */
  constructor(around: Around | undefined) {
    this.#around = around;
  }

  /** The objects and arrays that are open. */
  get depth(): number {
    return this.#stack.length;
  }

  /** What the innermost one is; undefined when none is open. */
  get kind(): Container['kind'] | undefined {
    return this.#stack.at(-1)?.kind;
  }

  enter(kind: Container['kind']): void {
    this.#stack.push({ kind, name: this.name, key: '', values: 0 });
    this.#columns.enter(kind, this.depth);
  }

  leave(): void {
    this.#columns.leave(this.depth);
    this.#stack.pop();
  }

  /** A key of the innermost one, decoded. */
  setKey(key: string): void {
    const top = this.#stack.at(-1);
    if (top !== undefined) top.key = key;
  }

  /** A value has ended. */
  endValue(): void {
    const top = this.#stack.at(-1);
    if (top !== undefined) top.values += 1;
  }

  /** The key that the value stands under, or the array that it is in. */
  get name(): string {
    const top = this.#stack.at(-1);
    return (top?.kind === 'object' ? top.key : top?.name) ?? this.#around?.key ?? '';
  }

  /** What counts as standing before it. */
  get label(): string {
    const top = this.#stack.at(-1);
    return top === undefined ? (this.#around?.label ?? '') : labelOf(top.name, top.key);
  }

  /** The column that it is in. */
  get column(): Column | undefined {
    const top = this.#stack.at(-1);
    return top?.kind === 'array' ? this.#columns.at(this.depth, top.values) : undefined;
  }

  /** Whether it may be the heading of a column. */
  get mayBeHeading(): boolean {
    const top = this.#stack.at(-1);
    return top !== undefined && this.#columns.mayBeHeading(this.depth, top);
  }

  /** Reads a value that may be one. */
  readHeading(value: string): void {
    this.#columns.read(value);
  }
}
