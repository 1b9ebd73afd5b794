import type { EntityName } from '../entities.ts';
import type { Finding } from '../finding.ts';
import { ArrayTables } from './arrays.ts';
import { LineTables } from './lines.ts';
import type { CellSource } from './table.ts';

/** The tables of a text, of all forms. */
export class Tables implements CellSource {
  readonly findings: Finding[] = [];
  readonly #entities: ReadonlySet<EntityName>;
  readonly #lines: LineTables;
  /** Made when they are needed: most texts have no bracket. */
  #arrays: ArrayTables | undefined;

  constructor(entities: ReadonlySet<EntityName>) {
    this.#entities = entities;
    this.#lines = new LineTables(entities, this.findings);
  }

  push(chunk: string): void {
    if (this.#arrays === undefined && chunk.includes('['))
      this.#arrays = new ArrayTables(this.#entities, this.findings, this.#lines.length);
    this.#lines.push(chunk);
    this.#arrays?.push(chunk);
  }

  end(): void {
    this.#lines.end();
    this.#arrays?.end();
  }

  get hasBegun(): boolean {
    return this.#lines.hasBegun || this.#arrays?.hasBegun === true;
  }

  get decided(): number {
    return Math.min(this.#lines.decided, this.#arrays?.decided ?? this.#lines.length);
  }
}
