import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { countFindings } from '../../../data-plane/inspect/findings.ts';

const detector = createDetector();

test('a large prompt is counted as a whole, while others have their turn', async () => {
  // The number stands across the place where the scan pauses.
  const start = 'word '.repeat(60_000).slice(0, 256 * 1024 - 5);
  const text = `${start} 078-05-1120 ${'word '.repeat(200_000)} 219-09-9999`;
  let turns = 0;
  let counting = true;
  const count = () => {
    turns += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const found = await countFindings(detector, [
    { place: 'input', text },
    { place: 'b', text: '078-05-1120' },
  ]);
  counting = false;
  expect(found).toEqual([{ US_SSN: 2 }, { US_SSN: 1 }]);
  expect(turns).toBeGreaterThan(3);
});
