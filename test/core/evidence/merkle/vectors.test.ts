import { expect, test } from 'vitest';
import { verifyConsistency, verifyInclusion } from '#core/evidence/merkle/verify.ts';
import { thrown } from '../thrown.ts';
import consistency from '../vectors/merkle-consistency.json' with { type: 'json' };
import inclusion from '../vectors/merkle-inclusion.json' with { type: 'json' };

const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64');
const hashes = (proof: readonly string[] | null): Uint8Array[] => (proof ?? []).map(bytes);

/** Accepted by its project, for it compares the roots only; a root of 12 bytes is no hash here. */
const STRICTER = 'consistency/additional/sizes-are-equal-one-and-proof-is-empty.json';

test.each(inclusion.cases.map((vector) => [vector.file, vector] as const))('%s', (_, vector) => {
  const code = thrown(() =>
    verifyInclusion({
      leafHash: bytes(vector.leafHash),
      index: vector.leafIdx,
      proof: hashes(vector.proof),
      head: { size: vector.treeSize, root: bytes(vector.root) },
    }),
  );
  expect(code !== undefined).toBe(vector.wantErr);
});

test.each(consistency.cases.map((vector) => [vector.file, vector] as const))('%s', (file, vector) => {
  const code = thrown(() =>
    verifyConsistency({
      from: { size: vector.size1, root: bytes(vector.root1) },
      to: { size: vector.size2, root: bytes(vector.root2) },
      proof: hashes(vector.proof),
    }),
  );
  if (file === STRICTER) expect(code).toBe('malformed');
  else expect(code !== undefined).toBe(vector.wantErr);
});

test('all are there', () => {
  expect(inclusion.cases.filter(({ wantErr }) => wantErr)).toHaveLength(92);
  expect(consistency.cases.filter(({ wantErr }) => wantErr)).toHaveLength(92);
  expect(inclusion.cases.length + consistency.cases.length).toBe(196);
});
