import { EvidenceError } from '../error.ts';
import { Frontier } from '../merkle/frontier.ts';
import { equalBytes, HASH_BYTES, leafHash } from '../merkle/hash.ts';
import type { TreeHead } from '../merkle/head.ts';
import { rootOf } from '../merkle/root.ts';
import { verifyInclusion } from '../merkle/verify.ts';
import { TILE_WIDTH, tileWidth } from '../tiles/tile.ts';
import { type FaultList, MAX_FAULTS, type RecordPlace } from './fault.ts';
import type { RecordItem, TileItem } from './item.ts';

/**
 * Recomputes the tree from the records, and once more from its lowest tiles, which name the leaf where the two part. Holds
 * the right edges and one hash for 256 leaves.
 */
export class TreeCheck {
  readonly #faults: FaultList;
  readonly #target: TreeHead;
  readonly #isComplete: boolean;
  readonly #records = new Frontier();
  readonly #tiles = new Frontier();
  /** Roots of the full lowest tiles: the hashes of level 1. */
  readonly #levelOne: Uint8Array[] = [];
  /** Leaves whose records have another hash than their tiles, the first of them: which of the two is wrong, only the root tells. */
  readonly #doubts: RecordPlace[] = [];
  /** How many there are, and on which tiles. */
  #doubted = 0;
  readonly #doubtedTiles = new Set<number>();
  #tile: { readonly index: number; readonly hashes: readonly Uint8Array[] } | undefined;
  #lastTile = -1;
  #tileLeaves: Uint8Array[] = [];
  #isTiled = true;
  #isWhole = true;
  #next = 0;

  /** @param isComplete whether all leaves of the tree come, in their order; else each has a proof */
  constructor(target: TreeHead, isComplete: boolean, faults: FaultList) {
    this.#target = target;
    this.#isComplete = isComplete;
    this.#faults = faults;
  }

  /** Takes a tile: one of level 0 before its leaves, the upper ones after all leaves. */
  addTile({ level, index, hashes }: TileItem): void {
    if (!this.#isComplete) return;
    const width = tileWidth(this.#target.size, level, index);
    const all = split(hashes);
    if (width === 0 || all === undefined || all.length !== width) {
      const first = level === 0 ? { index: index * TILE_WIDTH } : {};
      const message = `tile ${level}/${index} has not the ${width} hashes of its place`;
      this.#faults.add('tile_altered', message, first);
    } else if (level > 0) {
      this.#checkUpper(level, index, all);
    } else if (index <= this.#lastTile || index * TILE_WIDTH < this.#next) {
      const message = `tile 0/${index} comes again, or after leaves of its own`;
      this.#faults.add('tile_altered', message, { index: index * TILE_WIDTH });
    } else {
      this.#lastTile = index;
      this.#fillTo(Math.min(index * TILE_WIDTH, this.#target.size));
      this.#tile = { index, hashes: all };
    }
  }

  /** Takes a record; `place` is what it says of itself. */
  addRecord({ index, bytes, proof }: RecordItem, place: RecordPlace): void {
    if (index >= this.#target.size) {
      this.#faults.add('leaf_beyond', `the tree has ${this.#target.size} leaves only`, place);
    } else if (index < this.#next) {
      this.#faults.add('leaf_repeated', 'a leaf of this index, or a later one, came before', place);
    } else if (!this.#isComplete) {
      this.#next = index + 1;
      this.#checkProof(index, bytes, proof, place);
    } else {
      this.#fillTo(index);
      this.#append(leafHash(bytes), place);
    }
  }

  /** Checks a tree that was published or kept, as soon as its leaves are here; call after the last of them. */
  addHead(head: TreeHead, what: string): void {
    if (head.size > this.#target.size) {
      this.#faults.add('checkpoint_beyond', `${what} has ${head.size} leaves, the log ${this.#target.size}`);
    } else if (this.#isComplete) {
      this.#fillTo(head.size);
      if (!this.#isWhole && !this.#isTiled) return;
      const roots = [...(this.#isWhole ? [this.#records] : []), ...(this.#isTiled ? [this.#tiles] : [])];
      if (roots.some((tree) => tree.size === head.size && equalBytes(tree.root(), head.root))) return;
      this.#faults.add(
        'checkpoint_inconsistent',
        `the records do not lead to the root of ${what} at ${head.size} leaves`,
      );
    } else if (head.size === this.#target.size && !equalBytes(head.root, this.#target.root)) {
      this.#faults.add('checkpoint_inconsistent', `${what} has another root at ${head.size} leaves`);
    }
  }

  /** How many leaves have come. */
  get size(): number {
    return this.#next;
  }

  /** Compares what the leaves lead to with the root. */
  finish(): void {
    if (!this.#isComplete) return;
    this.#fillTo(this.#target.size);
    const { root } = this.#target;
    const byTiles = this.#isTiled && equalBytes(this.#tiles.root(), root);
    const byRecords = this.#isWhole && equalBytes(this.#records.root(), root);
    if (byRecords && !byTiles) {
      for (const tile of this.#doubtedTiles) {
        const first = { index: tile * TILE_WIDTH };
        this.#faults.add('tile_altered', `tile 0/${tile} has other hashes than its records`, first);
      }
      return;
    }
    for (let at = 0; at < this.#doubted; at++) {
      this.#faults.add('leaf_altered', 'not the record that is this leaf of the tree', this.#doubts[at]);
    }
    if (!byTiles && (this.#isWhole || this.#isTiled)) {
      if (!byRecords)
        this.#faults.add('root_mismatch', 'the leaves do not lead to the root of the checkpoint');
    }
  }

  #append(hash: Uint8Array, place: RecordPlace): void {
    const expected = this.#expected();
    if (expected === undefined) this.#loseTiles();
    else if (!equalBytes(expected, hash)) {
      this.#doubted += 1;
      this.#doubtedTiles.add(Math.floor(this.#next / TILE_WIDTH));
      if (this.#doubts.length < MAX_FAULTS) this.#doubts.push(place);
    }
    this.#push(hash, expected);
  }

  /** Leaves that did not come are taken from the tiles, where these have them. */
  #fillTo(index: number): void {
    if (!this.#isComplete || index <= this.#next) return;
    const [first, last] = [this.#next, index - 1];
    const what = first === last ? `leaf ${first} is missing` : `leaves ${first} to ${last} are missing`;
    this.#faults.add('leaf_missing', what, { index: first });
    while (this.#next < index) {
      const expected = this.#expected();
      if (expected === undefined) {
        this.#loseTiles();
        this.#isWhole = false;
        this.#next = index;
        this.#tileLeaves = [];
        return;
      }
      this.#push(expected, expected);
    }
  }

  #push(hash: Uint8Array, expected: Uint8Array | undefined): void {
    if (this.#isWhole) this.#records.append(hash);
    if (this.#isTiled) this.#tiles.append(expected ?? hash);
    this.#tileLeaves.push(expected ?? hash);
    this.#next += 1;
    if (this.#next % TILE_WIDTH === 0) {
      if (this.#tileLeaves.length === TILE_WIDTH) this.#levelOne.push(rootOf(this.#tileLeaves));
      this.#tileLeaves = [];
    }
  }

  #expected(): Uint8Array | undefined {
    const index = Math.floor(this.#next / TILE_WIDTH);
    return this.#tile?.index === index ? this.#tile.hashes[this.#next % TILE_WIDTH] : undefined;
  }

  #loseTiles(): void {
    const index = Math.floor(this.#next / TILE_WIDTH);
    if (this.#tile?.index !== index) {
      this.#faults.add('tile_missing', `tile 0/${index} is missing`, { index: index * TILE_WIDTH });
      this.#tile = { index, hashes: [] };
    }
    this.#isTiled = false;
  }

  #checkProof(index: number, bytes: Uint8Array, proof: readonly Uint8Array[] = [], place: RecordPlace): void {
    try {
      verifyInclusion({ leafHash: leafHash(bytes), index, proof, head: this.#target });
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      this.#faults.add('proof_refused', error.message, place);
    }
  }

  #checkUpper(level: number, index: number, hashes: readonly Uint8Array[]): void {
    let computed = this.#levelOne;
    for (let at = 1; at < level; at++) {
      computed = Array.from({ length: Math.floor(computed.length / TILE_WIDTH) }, (_, tile) =>
        rootOf(computed.slice(tile * TILE_WIDTH, (tile + 1) * TILE_WIDTH)),
      );
    }
    const expected = computed.slice(index * TILE_WIDTH, index * TILE_WIDTH + hashes.length);
    if (
      expected.length === hashes.length &&
      hashes.every((hash, at) => equalBytes(hash, expected[at] ?? hash))
    )
      return;
    this.#faults.add('tile_altered', `tile ${level}/${index} has other hashes than the tiles below it`);
  }
}

function split(hashes: Uint8Array): Uint8Array[] | undefined {
  if (hashes.length === 0 || hashes.length % HASH_BYTES !== 0) return undefined;
  return Array.from({ length: hashes.length / HASH_BYTES }, (_, at) =>
    hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
}
