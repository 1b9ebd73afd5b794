import { expect, test } from 'vitest';
import { leafHash } from '#core/evidence/merkle/hash.ts';
import { consistencyProof } from '#core/evidence/merkle/prove.ts';
import { rootOf } from '#core/evidence/merkle/root.ts';
import { verifyConsistency } from '#core/evidence/merkle/verify.ts';
import { parseNoteKey } from '#core/evidence/note/key.ts';
import { decodeBundle, encodeBundle } from '#core/evidence/tiles/bundle.ts';
import { growTiles } from '#core/evidence/tiles/grow.ts';
import { tilePath } from '#core/evidence/tiles/path.ts';
import { readNodes } from '#core/evidence/tiles/read.ts';
import { openCheckpoint } from '../../../env/checkpoints.ts';
import log from '../vectors/tessera-log.json' with { type: 'json' };

const ENTRIES = log.leaves.map((leaf) => Buffer.from(leaf));
const HASHES = ENTRIES.map(leafHash);
const TILE = Buffer.from(log['tile/0/000.p/15'], 'base64');
const BUNDLE = Buffer.from(log['tile/entries/000.p/15'], 'base64');
const key = parseNoteKey(log.verifierKey);

test.each(log.checkpoints.map((note, size) => [size, note] as const))(
  'the checkpoint of %d leaves is signed, and its root is ours',
  (size, note) => {
    const checkpoint = openCheckpoint(note, key);
    expect(checkpoint.size).toBe(size);
    expect(Buffer.from(checkpoint.root)).toEqual(Buffer.from(rootOf(HASHES.slice(0, size))));
  },
);

test('every checkpoint is consistent with every later one, proved from its tile', async () => {
  const heads = log.checkpoints.map((note) => openCheckpoint(note, key));
  for (const to of heads) {
    for (const from of heads.slice(0, to.size)) {
      const proof = await consistencyProof(
        from.size,
        to.size,
        readNodes(to.size, () => TILE),
      );
      verifyConsistency({ from, to, proof });
    }
  }
  expect(heads).toHaveLength(16);
});

test('its tile and bundle are ours', async () => {
  const [tile, ...more] = await growTiles(0, HASHES, () => TILE);
  expect(more).toEqual([]);
  expect(tile === undefined ? '' : tilePath(tile.id)).toBe('tile/0/000.p/15');
  expect(Buffer.from(tile?.bytes ?? [])).toEqual(TILE);
  expect(Buffer.from(encodeBundle(ENTRIES))).toEqual(BUNDLE);
  expect(decodeBundle(BUNDLE, 15).map((entry) => Buffer.from(entry).toString())).toEqual(log.leaves);
});
