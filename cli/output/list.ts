import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { type Output, printMessage } from './output.ts';
import { type Column, renderTable } from './table.ts';

/** A list as a table for people, or as the list response for programs. */
export async function printList<Desc extends DescMessage, T>(
  output: Output,
  list: {
    readonly schema: Desc;
    readonly message: MessageShape<Desc>;
    readonly columns: readonly Column<T>[];
    readonly rows: readonly T[];
    readonly nextPageToken: string;
    /** Said on stderr when there are none. */
    readonly none: string;
  },
): Promise<void> {
  if (output.format === 'table' && list.rows.length === 0) output.note(list.none);
  else
    await printMessage(output, list.schema, list.message, () => renderTable(list.columns, list.rows, output));
  if (output.format === 'table' && list.nextPageToken !== '') {
    output.note(`first ${list.rows.length}; there are more: --all, or --limit NUMBER`);
  }
}
