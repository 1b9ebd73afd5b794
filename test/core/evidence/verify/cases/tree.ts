import { createNoteKey } from '#core/evidence/note/key.ts';
import type { RecordItem, TileItem } from '#core/evidence/verify/item.ts';
import {
  type Case,
  flip,
  large,
  lone,
  OTHER,
  record,
  replace,
  rewriteLast,
  withOptions,
  without,
  written,
} from '../changes.ts';
import { build, checkpointOf, drafts, keys, prove } from '../synthetic.ts';

/** Cases of leaves, tiles and checkpoints that one guard alone catches. */
export const TREE: readonly Case[] = [
  [
    'checkpoint_refused',
    'signed by another',
    () => withOptions({ checkpoint: checkpointOf(11, OTHER, keys.other) }),
  ],
  [
    'witness_missing',
    'no cosignature',
    () =>
      withOptions({
        trust: {
          logKey: createNoteKey('log.example.org/test', keys.log.publicKey),
          witnessKeys: [createNoteKey('w.example.org/1', keys.other.publicKey, 'cosignature')],
        },
      }),
  ],
  [
    'checkpoint_inconsistent',
    'a kept one of other leaves',
    () => withOptions({ kept: [checkpointOf(5, OTHER)] }),
  ],
  ['checkpoint_beyond', 'a kept one of more leaves', () => withOptions({ kept: [checkpointOf(12, OTHER)] })],
  ['log_contradicted', 'the store has fewer leaves', () => withOptions({ stored: { size: 4, root: OTHER } })],
  [
    'log_contradicted',
    'the store has another root',
    () => withOptions({ stored: { size: 11, root: OTHER } }),
  ],
  [
    'leaf_missing',
    'the only record of a writer',
    () =>
      without(
        (item) =>
          (item.kind === 'record' && item.index === 11) ||
          (item.kind === 'receipt' && item.receipt.plane === 'control-plane/two'),
        written((all) => all.push(lone(1n))),
      ),
    11,
  ],
  ['leaf_altered', 'written anew with all its signatures', rewriteLast, 10],
  [
    'tile_altered',
    'a tile that comes again, when its leaves have been compared with the first',
    () => {
      const { options, items } = build(drafts());
      const tile = items.find(({ kind }) => kind === 'tile') as TileItem;
      return { options, items: [...items, { ...tile, hashes: new Uint8Array(tile.hashes.length) }] };
    },
    0,
  ],
  [
    'leaf_repeated',
    'two records of one leaf',
    async () => {
      const { options, items } = await prove(build(drafts(), false));
      const [first] = build([lone(1n)], false).items.filter(({ kind }) => kind === 'record') as RecordItem[];
      return { options, items: [...items, { ...(first as RecordItem), index: 10 }] };
    },
    10,
  ],
  [
    'leaf_beyond',
    'a leaf that the tree has not',
    async () => {
      const { options, items } = await prove(build(drafts(), false));
      const [first] = build([lone(1n)], false).items.filter(({ kind }) => kind === 'record') as RecordItem[];
      return { options, items: [...items, { ...(first as RecordItem), index: 11 }] };
    },
    11,
  ],
  ['tile_missing', 'no tile', () => without(({ kind }) => kind === 'tile')],
  [
    'tile_altered',
    'a hash of a tile',
    () =>
      replace((item) => {
        if (item.kind !== 'tile') return item;
        const hashes = Uint8Array.from(item.hashes);
        flip(hashes);
        return { ...item, hashes };
      }),
  ],
  [
    'tile_altered',
    'a tile that is too short',
    () => {
      const { options, items } = build(drafts());
      return { options, items: [...items, { kind: 'tile', level: 0, index: 0, hashes: new Uint8Array(5) }] };
    },
  ],
  [
    'root_mismatch',
    'a signed root of other leaves',
    () => withOptions({ checkpoint: checkpointOf(11, OTHER), stored: undefined }),
  ],
  [
    'proof_refused',
    'a proof of another leaf',
    async () => {
      const evidence = await prove(build(drafts(), false));
      return record(6, (item) => ({ ...item, proof: [...(item.proof ?? [])].reverse() }), evidence);
    },
    6,
  ],
  [
    'checkpoint_inconsistent',
    'of a part: a kept one of as many leaves',
    async () => {
      const { options, items } = await prove(build(drafts(), false));
      return { options: { ...options, kept: [checkpointOf(11, OTHER)] }, items };
    },
  ],
  [
    'tile_altered',
    'an upper tile',
    () => {
      const { options, items } = build(large());
      return { options, items: [...items, { kind: 'tile', level: 1, index: 0, hashes: OTHER }] };
    },
  ],
];
