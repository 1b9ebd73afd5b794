import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTilePath, tilePath } from '#core/evidence/tiles/path.ts';
import type { TileId } from '#core/evidence/tiles/tile.ts';
import { thrown } from '../thrown.ts';

// The groups are those of the C2SP page and of the paths that golang.org/x/mod tries (there with a height before).
test.each([
  ['tile/0/x001/x234/067', { level: 0, index: 1_234_067, width: 256 }],
  ['tile/0/001', { level: 0, index: 1, width: 256 }],
  ['tile/0/001.p/5', { level: 0, index: 1, width: 5 }],
  ['tile/5/x123/x456/078', { level: 5, index: 123_456_078, width: 256 }],
  ['tile/5/x123/x456/078.p/2', { level: 5, index: 123_456_078, width: 2 }],
  ['tile/entries/x003/x057/500', { level: 'entries', index: 3_057_500, width: 256 }],
  ['tile/entries/000.p/255', { level: 'entries', index: 0, width: 255 }],
  ['tile/63/999', { level: 63, index: 999, width: 256 }],
  ['tile/0/x001/000', { level: 0, index: 1_000, width: 256 }],
  ['tile/0/x009/x007/x199/x254/x740/991', { level: 0, index: Number.MAX_SAFE_INTEGER, width: 256 }],
] as const)('%s', (path, id) => {
  expect(tilePath(id)).toBe(path);
  expect(parseTilePath(path)).toEqual(id);
});

test.each([
  '',
  'tile',
  '/tile/0/000',
  'tile/0/000/',
  'tile/0/000\n',
  'tile/0/0',
  'tile/0/0000',
  'tile/0/x000',
  'tile/0/x000/001',
  'tile/0/123/456/078',
  'tile/0/x123/456/078',
  'tile/-1/123',
  'tile/+1/123',
  'tile/00/123',
  'tile/01/123',
  'tile/64/123',
  'tile/1e1/123',
  'tile/data/000',
  'tile/Entries/000',
  'tile/0/000.p',
  'tile/0/000.p/',
  'tile/0/000.p/0',
  'tile/0/000.p/05',
  'tile/0/000.p/256',
  'tile/0/000.p/1.p/1',
  'tile/0/000.P/1',
  'tile/0/\u0661\u0662\u0663',
  'tile/0/X001/000',
  'tile/0/x009/x007/x199/x254/x740/992',
  'tile/0/x001/x009/x007/x199/x254/x740/991',
  'tile/0/x001/x001/x001/x001/x001/x001/x001/x001/001',
])('%j is no path of a tile', (path) => {
  expect(thrown(() => parseTilePath(path))).toBe('malformed');
});

test('every tile has one path, and it leads back', () => {
  const id: fc.Arbitrary<TileId> = fc.record({
    level: fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 })),
    index: fc.maxSafeNat(),
    width: fc.integer({ min: 1, max: 256 }),
  });
  fc.assert(
    fc.property(id, (tile) => {
      expect(parseTilePath(tilePath(tile))).toEqual(tile);
    }),
  );
});

test('what parses is written the same', () => {
  const near = fc.stringMatching(
    /^tile\/(?:[0-9]{1,2}|entries)\/(?:x[0-9]{3}\/){0,2}[0-9]{2,3}(?:\.p\/[0-9]{0,3})?$/,
  );
  fc.assert(
    fc.property(near, (path) => {
      let id: TileId;
      try {
        id = parseTilePath(path);
      } catch {
        return;
      }
      expect(tilePath(id)).toBe(path);
    }),
  );
});

test.each([
  [{ level: 64, index: 0, width: 1 }],
  [{ level: -1, index: 0, width: 1 }],
  [{ level: 0.5, index: 0, width: 1 }],
  [{ level: 0, index: -1, width: 1 }],
  [{ level: 0, index: 2 ** 53, width: 1 }],
  [{ level: 0, index: 0, width: 0 }],
  [{ level: 0, index: 0, width: 257 }],
])('there is no tile %j', (id) => {
  expect(thrown(() => tilePath(id))).toBe('out_of_range');
});
