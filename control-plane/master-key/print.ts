import type { Listed } from './list.ts';

/** Prints the master keys, and what hangs on older ones. */
export function printListed({ keys, behind }: Listed, format: 'table' | 'json'): void {
  if (format === 'json') {
    process.stdout.write(`${JSON.stringify({ masterKeys: keys, behind }, undefined, 2)}\n`);
    return;
  }
  const rows = [
    ['KEY', 'STATE', 'HERE', 'MADE'],
    ...keys.map(({ id, state, here, createTime }) => [
      id,
      state,
      here ? 'yes' : 'NO',
      formatTime(createTime),
    ]),
  ];
  const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  for (const row of rows)
    process.stdout.write(
      `${row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  const left = Object.entries(behind).map(([name, count]) => `${name} ${count}`);
  if (left.length > 0) process.stderr.write(`on older keys: ${left.join(', ')}\n`);
  else if (keys.some(({ state }) => state === 'OLD')) process.stderr.write('nothing is on older keys\n');
}

/** In UTC to the second. */
function formatTime(time: Date | undefined): string {
  return time === undefined ? '' : `${time.toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
