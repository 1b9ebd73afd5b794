import { Frontier } from './frontier.ts';

/**
 * The root of the tree over these leaf hashes (RFC 6962, section 2.1), 32 bytes. They are read once, and no more than
 * 53 are held.
 * @throws EvidenceError malformed: one has not 32 bytes
 */
export function rootOf(leafHashes: Iterable<Uint8Array>): Uint8Array {
  const frontier = new Frontier();
  for (const leaf of leafHashes) frontier.append(leaf);
  return frontier.root();
}
