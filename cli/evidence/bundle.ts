import { createHash } from 'node:crypto';
import { encodeBase64 } from '#core/evidence/base64.ts';
import {
  BUNDLE_VERSION,
  type BundleCounts,
  type BundleManifest,
  countItem,
  formatItem,
  noCounts,
} from '#core/evidence/bundle/line.ts';
import type { EvidenceItem } from '#core/evidence/verify/item.ts';

/** What the first line says, but for what is always so. */
export type BundleHead = Omit<BundleManifest, 'type' | 'version'>;

/** The lines of a bundle, each with its newline; `onEnd` gets what the last one says. */
export async function* formatBundle(
  head: BundleHead,
  items: AsyncIterable<EvidenceItem>,
  onEnd: (counts: BundleCounts) => void,
): AsyncGenerator<string> {
  const digest = createHash('sha256');
  const counts = noCounts();
  const manifest: BundleManifest = { type: 'manifest', version: BUNDLE_VERSION, ...head };
  const take = (line: string): string => {
    digest.update(line);
    return line;
  };
  yield take(`${JSON.stringify(manifest)}\n`);
  for await (const item of items) {
    countItem(counts, item);
    yield take(`${formatItem(item)}\n`);
  }
  yield `${JSON.stringify({ type: 'end', ...counts, sha256: encodeBase64(digest.digest()) })}\n`;
  onEnd(counts);
}
