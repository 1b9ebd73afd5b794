import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readMediaType } from '../content/kind.ts';
import type { FormPart } from './parse.ts';

/** A body as it goes to the provider. */
export interface Outgoing {
  readonly contentType: string;
  readonly body: Uint8Array;
}

const BOUNDARY_DIGITS = 40;

/**
 * Writes a form, in one way only: the same parts give the same bytes, whatever boundary their caller chose, so that a call
 * that is repeated is the same call. The boundary is made of a digest of the parts, so none of them can hold it.
 */
export function formatForm(parts: readonly FormPart[]): Outgoing {
  const boundary = `sworn-${digest(parts).slice(0, BOUNDARY_DIGITS)}`;
  const pieces = parts.flatMap((part) => [
    Buffer.from(`--${boundary}\r\n${formatHead(part)}\r\n\r\n`),
    part.bytes,
    Buffer.from('\r\n'),
  ]);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

function formatHead({ name, filename, type }: FormPart): string {
  const disposition = `content-disposition: form-data; name="${escapeMarks(name)}"`;
  if (filename === undefined) return disposition;
  const mediaType = readMediaType(type) || 'application/octet-stream';
  return `${disposition}; filename="${escapeMarks(filename)}"\r\ncontent-type: ${mediaType}`;
}

function escapeMarks(text: string): string {
  return text.replaceAll('"', '%22');
}

function digest(parts: readonly FormPart[]): string {
  const sum = createHash('sha256');
  for (const part of parts) {
    const head = formatHead(part);
    sum.update(`${Buffer.byteLength(head)},${part.bytes.length};${head}`).update(part.bytes);
  }
  return sum.digest('hex');
}
