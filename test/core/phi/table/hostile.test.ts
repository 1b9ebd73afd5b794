import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';

const detector = createDetector();
const CHARACTERS = 1_000_000;
/** Other work on the machine, and what is made when it is first needed. */
const MAX_RATIO = 4;
const MIN_MS = 60;

const HEADINGS = 'mrn,name,dob\n';
const HOSTILE: Readonly<Record<string, readonly [string, string]>> = {
  commas: ['', ','],
  'commas below headings': [HEADINGS, ','],
  pipes: ['mrn|name\n', '|'],
  newlines: ['', '\n'],
  'headings alone': ['', HEADINGS],
  'quotation marks': [HEADINGS, '",'],
  rows: [HEADINGS, '48213,Jane Doe,3/14/75\n'],
  'long rows': [HEADINGS, `${'48213,Jane Doe,'.repeat(130)}\n`],
  'open arrays': ['["mrn","name"]', '["48213'],
  'arrays of headings': ['', '["mrn","name"],'],
};

function scanMs(text: string, size: number): number {
  const scan = detector.open(detector.entities);
  const start = process.cpuUsage().user;
  for (let i = 0; i < text.length; i += size) scan.push(text.slice(i, i + size));
  scan.end();
  scan.take();
  return (process.cpuUsage().user - start) / 1_000;
}

test.each(Object.entries(HOSTILE))('%s: twice the text takes twice the time', (_, [start, piece]) => {
  const text = start + piece.repeat(Math.ceil(CHARACTERS / piece.length));
  for (const size of [CHARACTERS * 2, 16]) {
    scanMs(text.slice(0, CHARACTERS / 4), size);
    const half = Math.min(...[1, 2].map(() => scanMs(text.slice(0, CHARACTERS / 2), size)));
    const whole = Math.min(...[1, 2].map(() => scanMs(text, size)));
    expect(whole).toBeLessThan(MAX_RATIO * Math.max(half, MIN_MS));
  }
});

test('more findings than a call has arguments', () => {
  const rows = 150_000;
  expect(detector.scan(`mrn,zip\n${'48213,01602\n'.repeat(rows)}`)).toHaveLength(2 * rows);
});

test('a row is held back until it ends, and no longer than a row may be', () => {
  const scan = detector.open(detector.entities);
  scan.push('mrn,notes\n');
  expect(scan.emittable).toBeGreaterThanOrEqual('mrn,notes'.length - 5);
  scan.push('4821, it is ');
  expect(scan.emittable).toBe('mrn,notes\n'.length);
  scan.push('so '.repeat(1_000));
  expect(scan.length - scan.emittable).toBeLessThan(60);
});
