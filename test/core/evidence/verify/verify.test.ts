import { expect, test } from 'vitest';
import { leafHash } from '#core/evidence/merkle/hash.ts';
import { rootOf } from '#core/evidence/merkle/root.ts';
import { createNoteKey } from '#core/evidence/note/key.ts';
import { formatSignature, parseNote, parseSignature } from '#core/evidence/note/note.ts';
import { cosign } from '#core/evidence/note/sign.ts';
import { TILE_WIDTH } from '#core/evidence/tiles/tile.ts';
import { FaultList } from '#core/evidence/verify/fault.ts';
import type { EvidenceItem } from '#core/evidence/verify/item.ts';
import { TreeCheck } from '#core/evidence/verify/tree.ts';
import {
  add,
  digestAt,
  erase,
  head,
  large,
  later,
  lone,
  OTHER,
  record,
  withOptions,
  written,
} from './changes.ts';
import { SEALED_CONTENTS } from './contents.ts';
import { build, checkpointOf, drafts, intent, keys, prove, sign, verify, WEST } from './synthetic.ts';

test('a sound log has no fault, whole and in part, with payloads and without', async () => {
  const whole = await verify(build(drafts()));
  expect(whole).toMatchObject({ faults: [], tree: { size: 11 }, records: 11, writers: 3, statements: 7 });
  expect(whole.payloads).toEqual({ verified: 2, opened: 2, unopened: 0, erased: 0 });
  const part = await prove(build(drafts(), false));
  const some = part.items.filter((item) => item.kind !== 'record' || item.index % 3 === 0);
  expect((await verify({ options: part.options, items: some })).faults).toEqual([]);
  const { options, items } = build(drafts());
  const bare = items.map((item) => {
    if (item.kind !== 'record') return item;
    const { payload: _gone, ...rest } = item;
    return rest;
  });
  expect((await verify({ options: { ...options, hasPayloads: false }, items: bare })).faults).toEqual([]);
});

test('what was erased is no fault, and all else still verifies', async () => {
  const evidence = record(
    3,
    ({ payload: _gone, ...item }) => item,
    written((all) => all.push(erase('counsel'))),
  );
  const { faults, payloads } = await verify(evidence);
  expect(faults).toEqual([]);
  expect(payloads).toMatchObject({ verified: 1, erased: 1 });
});

test('a log of several tiles has no fault, with the tiles above them', async () => {
  const { options, items } = build(large());
  const tiles = items.flatMap((item) => (item.kind === 'tile' ? [item.hashes] : []));
  const leaves = Array.from({ length: 256 }, (_, at) => (tiles[0] ?? OTHER).slice(at * 32, at * 32 + 32));
  const upper = { kind: 'tile' as const, level: 1, index: 0, hashes: rootOf(leaves) };
  expect(await verify({ options, items: [...items, upper] })).toMatchObject({ faults: [], records: 311 });
});

test('an erasure stands for its exchange, before its records or after them', async () => {
  const evidence = written((all) => {
    all.push(erase('counsel'), intent(WEST, 1n, 3n, 'exchanges/a'));
  });
  const without = (index: number, from: typeof evidence) =>
    record(index, ({ payload: _gone, ...item }) => item, from);
  expect((await verify(without(12, without(3, evidence)))).faults).toEqual([]);
  // What comes after it a hold may have kept.
  expect((await verify(without(3, evidence))).faults).toEqual([]);
});

test.each(SEALED_CONTENTS)('sealed content with $what: $code', async ({ evidence, code }) => {
  expect((await verify(evidence)).faults.map((fault) => fault.code)).toEqual(
    code === undefined ? [] : [code],
  );
});

test('an erasure after the tree stands under its own proof, or not at all', async () => {
  const { faults, payloads } = await verify(await later());
  expect([faults, payloads.erased]).toEqual([[], 1]);
  const refused = async (evidence: ReturnType<typeof later>) => {
    const [first, ...rest] = (await verify(await evidence)).faults.map(({ code }) => code);
    expect(rest).toEqual(['payload_missing']);
    return first;
  };
  expect(await refused(later((item) => ({ ...item, proof: [...item.proof].reverse() })))).toBe(
    'proof_refused',
  );
  expect(await refused(later((item) => ({ ...item, note: checkpointOf(12, OTHER, keys.other) })))).toBe(
    'checkpoint_refused',
  );
  expect(await refused(later((item) => item, lone(1n)))).toBe('erasure_malformed');
  expect(await refused(later((item) => ({ ...item, index: 3 })))).toBe('proof_refused');
});

test('a witness that has cosigned is not missed', async () => {
  const { options } = build(drafts());
  const { text } = parseNote(options.checkpoint);
  const name = 'w.example.org/1';
  const witnessKeys = [createNoteKey(name, keys.other.publicKey, 'cosignature')];
  const line = formatSignature(cosign(text, name, keys.other, 1_750_000_000));
  const trust = { ...options.trust, witnessKeys };
  const evidence = withOptions({ trust, checkpoint: `${options.checkpoint}${line}` });
  expect((await verify(evidence)).faults).toEqual([]);
  const forged = formatSignature(cosign(text, name, keys.log, 1_750_000_000));
  const id = createNoteKey(name, keys.other.publicKey, 'cosignature').id;
  const renamed = formatSignature({ ...parseSignature(forged.trimEnd()), id });
  const other = withOptions({ trust, checkpoint: `${options.checkpoint}${renamed}` });
  expect((await verify(other)).faults.map(({ code }) => code)).toEqual(['checkpoint_refused']);
});

test('a kept checkpoint of the same log is met', async () => {
  const hashes = build(drafts()).items.flatMap((item) => (item.kind === 'tile' ? [item.hashes] : []))[0];
  const leaves = Array.from({ length: 5 }, (_, index) =>
    (hashes ?? OTHER).slice(index * 32, index * 32 + 32),
  );
  const evidence = withOptions({ kept: [checkpointOf(5, rootOf(leaves)), checkpointOf(0, rootOf([]))] });
  expect((await verify(evidence)).faults).toEqual([]);
});

test('a heartbeat of records that are on their way is no fault', async () => {
  const { faults } = await verify(add({ kind: 'head', source: 'heartbeat', head: head(OTHER, 9n) }));
  expect(faults).toEqual([]);
});

test('to call the head of a batch a heartbeat, which nobody signs, does no more than to leave it out', async () => {
  const { options, items } = build(drafts());
  const codes = async (changed: readonly EvidenceItem[]) =>
    (await verify({ options, items: [...changed] })).faults.map(({ code }) => code);
  const relabelled = items.map((item) =>
    item.kind === 'head' ? { ...item, source: 'heartbeat' as const } : item,
  );
  const without = items.filter(({ kind }) => kind !== 'head');
  expect(await codes(relabelled)).toEqual(['head_missing', 'head_missing', 'head_missing']);
  expect(await codes(relabelled)).toEqual(await codes(without));
});

test('of more altered leaves than are kept all are counted, and on which tiles', () => {
  const [count, bytes] = [1_500, (index: number) => Buffer.from(`${index}`)];
  const leaves = Array.from({ length: count }, (_, index) => leafHash(bytes(index)));
  const check = (tilesOf: readonly Uint8Array[], isAltered: boolean): FaultList => {
    const faults = new FaultList();
    const tree = new TreeCheck({ size: count, root: rootOf(leaves) }, true, faults);
    for (let index = 0; index < count; index++) {
      const hashes = Buffer.concat(tilesOf.slice(index, index + TILE_WIDTH));
      if (index % TILE_WIDTH === 0)
        tree.addTile({ kind: 'tile', level: 0, index: index / TILE_WIDTH, hashes });
      tree.addRecord({ kind: 'record', index, bytes: bytes(isAltered ? -1 : index) } as never, { index });
    }
    tree.finish();
    return faults;
  };
  const altered = check(leaves, true);
  expect([altered.count, altered.kept.length]).toEqual([count, 1_000]);
  const others = leaves.map(() => OTHER);
  expect(check(others, false).kept.map(({ code, index }) => [code, index])).toEqual(
    [0, 256, 512, 768, 1_024, 1_280].map((index) => ['tile_altered', index]),
  );
});

test('what others follow from is kept, however many came before', async () => {
  const { options, items } = record(4, (item) => ({ ...item, bytes: Buffer.from('another') }));
  const receipt = sign('receipt', { plane: WEST, epoch: 1n, seq: 2n, digest: digestAt(9) }, 'other');
  const many = Array.from({ length: 1_200 }, (): EvidenceItem => ({ kind: 'receipt', receipt }));
  const { faults } = await verify({ options, items: [...many, ...items] });
  expect(faults.map(({ code }) => code)).toContain('leaf_altered');
});

test('a fault does not end it: all are counted, the first thousand kept', async () => {
  const { options, items } = build(drafts());
  const receipt = sign('receipt', { plane: WEST, epoch: 1n, seq: 2n, digest: digestAt(9) }, 'other');
  const many = Array.from({ length: 1_200 }, (): EvidenceItem => ({ kind: 'receipt', receipt }));
  const report = await verify({ options, items: [...many, ...items] });
  expect([report.faults.length, report.faultCount, report.records]).toEqual([1_000, 1_200, 11]);
});
