import type { EntityName } from '../entities.ts';
import type { Finding } from '../finding.ts';
import { cutBy, Merge } from '../merge.ts';
import type { TextScan } from '../text-scan.ts';
import { COLUMNS, type Column } from './heading.ts';
import { OneCell } from './one-cell.ts';
import type { CellSource } from './table.ts';
import { Tables } from './tables.ts';

/** What a scan finds, and what the headings of columns say of the cells below them. */
class CellScan implements TextScan {
  readonly #scan: TextScan;
  readonly #cells: CellSource;
  /** From the first table on: without any, all is as the scan has it. */
  #merge: Merge | undefined;

  constructor(scan: TextScan, cells: CellSource) {
    this.#scan = scan;
    this.#cells = cells;
  }

  push(chunk: string): void {
    this.#scan.push(chunk);
    this.#cells.push(chunk);
    if (this.#cells.hasBegun) this.#settle();
  }

  end(): void {
    this.#scan.end();
    this.#cells.end();
    if (this.#cells.hasBegun) this.#settle();
  }

  take(): readonly Finding[] {
    return this.#merge === undefined ? this.#scan.take() : this.#merge.take();
  }

  get emittable(): number {
    return this.#merge === undefined ? this.#scan.emittable : this.#merge.emittable;
  }

  get length(): number {
    return this.#scan.length;
  }

  #settle(): void {
    this.#merge ??= new Merge(cutAtCells);
    this.#merge.add(this.#scan.take());
    this.#merge.add(this.#cells.findings.splice(0));
    this.#merge.settle(Math.min(this.#scan.emittable, this.#cells.decided));
  }
}

const CELL_RULES: ReadonlySet<string> = new Set(COLUMNS.map(({ name }) => name));

/**
 * Cuts what is surely a cell out of what is taken to go on over several. Beside a cell there is its separator, or a mark around
 * it: alone that is nothing.
 */
function cutAtCells(findings: Finding[]): Finding[] {
  const cells = findings.filter(({ rule }) => CELL_RULES.has(rule));
  const others = new Set(findings.filter(({ rule }) => !CELL_RULES.has(rule)));
  const left = cutBy(cells, [...others], (cell, other) => cell.score > other.score);
  return [...cells, ...left.filter((one) => others.has(one) || one.end > one.start + 1)];
}

/** A scan of a text that may have tables in it. */
export function withTables(scan: TextScan, entities: ReadonlySet<EntityName>): TextScan {
  return new CellScan(scan, new Tables(entities));
}

/** A scan of a text that is a cell of a column. */
export function withColumn(scan: TextScan, column: Column): TextScan {
  return new CellScan(scan, new OneCell(column));
}
