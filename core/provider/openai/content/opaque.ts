import { hash } from 'node:crypto';
import type { OpaqueKind } from './kind.ts';

/** Content of a request or an answer that was not read. */
export interface OpaqueContent {
  /** Where it stands: `file`, `input[0].content[1].image_url`. */
  readonly place: string;
  readonly kind: OpaqueKind;
  /** As it was declared, where that is a known type; otherwise empty. */
  readonly mediaType: string;
  /** Bytes, decoded. */
  readonly size: number;
  /** SHA-256 of them. */
  readonly sha256: Uint8Array;
}

/** Told of each content that was not read. */
export type OnOpaque = (content: OpaqueContent) => void;

/** More than these in one request or answer is no use of the API. */
export const MAX_OPAQUE = 1_000;

/** Describes content that was not read. */
export function describeOpaque(
  place: string,
  kind: OpaqueKind,
  mediaType: string,
  bytes: Uint8Array,
): OpaqueContent {
  return { place, kind, mediaType, size: bytes.length, sha256: hash('sha256', bytes, 'buffer') };
}

/** What stands for content that cannot be read, so that whoever judges a request knows of it. */
export function unreadable({ kind, size }: Pick<OpaqueContent, 'kind' | 'size'>): string {
  return `(data that cannot be read: ${kind}, ${roughly(size)})`;
}

/** A size, rounded: a long number would be found as one that identifies. */
export function roughly(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${Math.round(bytes / 1_000_000)} MB`;
}
