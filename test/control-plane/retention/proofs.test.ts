import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { leafHash } from '#core/evidence/merkle/hash.ts';
import { inclusionProof } from '#core/evidence/merkle/prove.ts';
import { rootOf } from '#core/evidence/merkle/root.ts';
import { verifyInclusion } from '#core/evidence/merkle/verify.ts';
import { readNodes } from '#core/evidence/tiles/read.ts';
import type { Context } from '../../../control-plane/context.ts';
import { advanceLog } from '../../../control-plane/log/advance.ts';
import { readLeaves } from '../../../control-plane/log/entries.ts';
import { openLog } from '../../../control-plane/log/open.ts';
import { proveGrowth, tileReader } from '../../../control-plane/log/tree.ts';
import { findLog } from '../../../control-plane/storage/log/log.ts';
import { openStore, type Store } from '../audit/store.ts';
import { append } from '../audit/writer.ts';
import { defaults } from '../log/env.ts';
import { begin, erase, only, outcomeOf } from './env.ts';

let store: Store;
let context: Context;
const stateDirectory = mkdtempSync(join(tmpdir(), 'sworn-erase-'));
beforeAll(async () => {
  store = await openStore();
  context = { ...store.replica(), settings: { ...defaults(), stateDirectory } };
}, 120_000);
afterAll(async () => {
  await store.close();
  rmSync(stateDirectory, { recursive: true, force: true });
});

test('every proof from before an erasure verifies after it, and the log grows by its record', async () => {
  const log = await openLog(context);
  const grow = async () => {
    let added = 1;
    while (added > 0) ({ added } = await advanceLog(context, log.signer.signed));
    const head = (await findLog(store.database))?.head ?? { size: 0, root: new Uint8Array() };
    return { head, leaves: (await readLeaves(store.database, 0, head.size)) ?? [] };
  };
  const begun = [await begin(store, context), await begin(store, context), await begin(store, context)];
  for (const one of begun) await append(context, one.writer.plane, [outcomeOf(one)]);
  const before = await grow();
  const read = tileReader(store.database);
  const nodes = readNodes(before.head.size, read);
  const proofs = await Promise.all(
    before.leaves.map((_leaf, at) => inclusionProof(at, before.head.size, nodes)),
  );

  for (const { exchange } of begun) await erase(context, only(exchange));
  const after = await grow();
  expect(after.head.size).toBe(before.head.size + 3);
  expect(after.leaves.slice(0, before.head.size)).toEqual(before.leaves);
  expect(Buffer.from(rootOf(after.leaves.map(leafHash)))).toEqual(Buffer.from(after.head.root));
  before.leaves.forEach((leaf, index) => {
    const proof = proofs[index] ?? [];
    expect(() =>
      verifyInclusion({ leafHash: leafHash(leaf), index, proof, head: before.head }),
    ).not.toThrow();
  });
  expect((await proveGrowth(before.head, after.head, read)).length).toBeGreaterThan(0);
});
