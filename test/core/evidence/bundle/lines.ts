import { createHash } from 'node:crypto';
import { encodeBase64 } from '#core/evidence/base64.ts';
import { countItem, formatItem, noCounts, parseLine } from '#core/evidence/bundle/line.ts';
import { formatNoteKey } from '#core/evidence/note/key.ts';
import { type Evidence, keys, logKey } from '../verify/synthetic.ts';

/** The lines of a bundle, but for its end. */
export function linesOf({ options, items }: Evidence): string[] {
  const manifest = {
    type: 'manifest',
    version: 'sworn.bundle/v1',
    origin: logKey.name,
    logKey: formatNoteKey(logKey),
    createTime: '2026-01-01T00:00:00.000Z',
    filter: {},
    complete: options.isComplete,
    payloads: options.hasPayloads,
    receiptKey: encodeBase64(keys.receipt.publicKey),
    checkpoint: options.checkpoint,
  };
  return [JSON.stringify(manifest), ...items.map(formatItem)];
}

/** The last line, true of the lines before it. */
export function endOf(lines: readonly string[]): string {
  const counts = noCounts();
  for (const line of lines) {
    try {
      const read = parseLine(line);
      if (read.type === 'item') countItem(counts, read.item);
    } catch {
      // A line that is none counts as nothing.
    }
  }
  const digest = createHash('sha256').update(lines.map((line) => `${line}\n`).join(''));
  return JSON.stringify({ type: 'end', ...counts, sha256: digest.digest('base64') });
}

/** Another value of the same type. */
export function alterValue(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (Array.isArray(value)) return [alterValue(value[0] ?? ''), ...value.slice(1)];
  const text = `${value}`;
  if (text === 'batch') return 'heartbeat';
  if (/^[0-9]+$/.test(text)) return `${BigInt(text) + 1n}`;
  const at = Math.floor(text.length / 2);
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}
