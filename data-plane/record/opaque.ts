import type { MessageInitShape } from '@bufbuild/protobuf';
import type { OpaqueContent } from '#core/provider/openai/content/opaque.ts';
import type { OpaqueContentSchema, OpaqueTotalSchema } from '#proto/sworn/audit/v1/record_pb.ts';

/**
 * What a record says of content that was not read. No digest: a record outlives its content, and the digest of what has been
 * erased would still tell whoever has a guess that it was that.
 */
export function totalOpaque(
  contents: readonly OpaqueContent[],
): MessageInitShape<typeof OpaqueTotalSchema>[] {
  const totals = new Map<string, { kind: string; mediaType: string; count: number; size: bigint }>();
  for (const { kind, mediaType, size } of contents) {
    const key = `${kind} ${mediaType}`;
    const total = totals.get(key) ?? { kind, mediaType, count: 0, size: 0n };
    total.count += 1;
    total.size += BigInt(size);
    totals.set(key, total);
  }
  return [...totals.values()];
}

/** What its payload says: each with its digest. */
export function sealOpaque(
  contents: readonly OpaqueContent[],
): MessageInitShape<typeof OpaqueContentSchema>[] {
  return contents.map(({ place, kind, mediaType, size, sha256 }) => {
    return { place, kind, mediaType, size: BigInt(size), sha256 };
  });
}
