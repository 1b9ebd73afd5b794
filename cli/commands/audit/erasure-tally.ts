import {
  type EraseExchangesResponse,
  ErasureResult,
  ErasureResultSchema,
} from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { enumWord, shortName } from '../../output/names.ts';
import { type Column, renderTable, type TableOptions } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';

/** What an expiry takes may be millions: the table has the first of them. */
const MAX_ROWS = 100;

/** Counts what becomes of exchanges, and keeps the first for people. */
export class ErasureTally {
  readonly #rows: EraseExchangesResponse[] = [];
  readonly #counts = new Map<ErasureResult, number>();
  readonly #isPreview: boolean;
  #total = 0;

  /** @param isPreview nothing is done: what would be erased is said to be to erase */
  constructor(isPreview: boolean) {
    this.#isPreview = isPreview;
  }

  get erased(): number {
    return this.count(ErasureResult.ERASED);
  }

  add(response: EraseExchangesResponse): void {
    this.#total += 1;
    this.#counts.set(response.result, this.count(response.result) + 1);
    if (this.#rows.length < MAX_ROWS) this.#rows.push(response);
  }

  count(result: ErasureResult): number {
    return this.#counts.get(result) ?? 0;
  }

  /** `2 exchanges erased, 1 held, 1 erased before`. */
  summary(done: string): string {
    const held = this.count(ErasureResult.HELD);
    const before = this.count(ErasureResult.ERASED_BEFORE);
    return [
      `${this.erased} ${this.erased === 1 ? 'exchange' : 'exchanges'} ${done}`,
      ...(held > 0 ? [`${held} held`] : []),
      ...(before > 0 ? [`${before} erased before`] : []),
    ].join(', ');
  }

  /** The table; empty when there is nothing. */
  render(options: TableOptions): string {
    if (this.#rows.length === 0) return '';
    const more = this.#total - this.#rows.length;
    return `${renderTable(this.#columns(), this.#rows, options)}${more > 0 ? `and ${more} more\n` : ''}`;
  }

  #columns(): Column<EraseExchangesResponse>[] {
    return [
      { title: 'EXCHANGE', cell: ({ exchange }) => shortName(exchange), whole: true },
      { title: 'BEGAN', cell: ({ startTime }) => formatTime(startTime), whole: true },
      { title: 'SESSION', cell: ({ session }) => shortName(session) },
      { title: 'CONTENT', cell: ({ result }) => this.#word(result), whole: true },
      { title: 'HOLDS', cell: ({ holds }) => holds.map(shortName).join(', '), whole: true },
    ];
  }

  #word(result: ErasureResult): string {
    if (this.#isPreview && result === ErasureResult.ERASED) return 'TO ERASE';
    return enumWord(ErasureResultSchema, result).replace('_', ' ').toUpperCase();
  }
}
