import fc from 'fast-check';
import { Frontier } from '#core/evidence/merkle/frontier.ts';
import { leafHash, nodeHash } from '#core/evidence/merkle/hash.ts';
import type { ReadNode } from '#core/evidence/merkle/node.ts';

/** The hashes of leaves that are numbered. */
export function leaves(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => leafHash(Buffer.from(`leaf ${index}`)));
}

/** Every complete node of the tree over these leaves, as a store of nodes has it. */
export function storeNodes(hashes: readonly Uint8Array[]): { frontier: Frontier; read: ReadNode } {
  const frontier = new Frontier();
  const nodes = new Map<string, Uint8Array>();
  for (const leaf of hashes) {
    for (const { level, index, hash } of frontier.append(leaf)) nodes.set(`${level}/${index}`, hash);
  }
  const read: ReadNode = (level, index) => {
    const hash = nodes.get(`${level}/${index}`);
    if (hash === undefined) throw new Error(`there is no node ${level}/${index}`);
    return hash;
  };
  return { frontier, read };
}

/** The root as RFC 6962, section 2.1, defines it, word for word: slow, and plain to see. */
export function definedRoot(hashes: readonly Uint8Array[], empty: Uint8Array): Uint8Array {
  const [first] = hashes;
  if (first === undefined) return empty;
  if (hashes.length === 1) return first;
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return nodeHash(definedRoot(hashes.slice(0, split), empty), definedRoot(hashes.slice(split), empty));
}

/** A change to a list of hashes, or to one of them. */
export type Change =
  | { readonly what: 'bit'; readonly at: number; readonly bit: number }
  | { readonly what: 'remove' | 'add' | 'double'; readonly at: number }
  | { readonly what: 'swap'; readonly at: number };

/** Any change; positions are taken modulo what there is. */
export const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ what: fc.constant('bit' as const), at: fc.nat(), bit: fc.nat(255) }),
  fc.record({ what: fc.constantFrom('remove' as const, 'add' as const, 'double' as const), at: fc.nat() }),
  fc.record({ what: fc.constant('swap' as const), at: fc.nat() }),
);

/** The bytes with one bit turned. */
export function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = Math.floor(bit / 8) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8));
  return copy;
}

/** The list with the change; undefined when it would be the same list. */
export function alter(proof: readonly Uint8Array[], change: Change): Uint8Array[] | undefined {
  const copy = [...proof];
  if (change.what === 'add') {
    copy.splice(change.at % (copy.length + 1), 0, leafHash(Buffer.from('another')));
    return copy;
  }
  const at = change.at % Math.max(1, copy.length);
  const hash = copy[at];
  if (hash === undefined) return undefined;
  if (change.what === 'bit') copy[at] = flip(hash, change.bit);
  else if (change.what === 'remove') copy.splice(at, 1);
  else if (change.what === 'double') copy.splice(at, 0, hash);
  else {
    const next = copy[at + 1];
    if (next === undefined) return undefined;
    [copy[at], copy[at + 1]] = [next, hash];
  }
  return copy;
}
