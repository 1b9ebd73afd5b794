import { unreadable } from '#core/provider/openai/content/opaque.ts';
import { sniff } from '#core/provider/openai/content/sniff.ts';
import { type FormPart, parseForm } from '#core/provider/openai/form/parse.ts';
import { RequestError } from '#core/provider/openai/request/request-error.ts';
import type { Turn } from './item.ts';

const FIRST_LINE = /^--([^\r]{1,70})\r\n/;

/** The fields and files of a request that is a form, in order; undefined for any other body. */
export function readFormTurns(body: Uint8Array): Turn[] | undefined {
  const [, boundary] = FIRST_LINE.exec(Buffer.from(body.subarray(0, 80)).toString('latin1')) ?? [];
  if (boundary === undefined) return undefined;
  try {
    return parseForm(`multipart/form-data; boundary="${boundary}"`, body).map(readPart);
  } catch (error) {
    if (error instanceof RequestError) return undefined;
    throw error;
  }
}

function readPart({ name, filename, bytes }: FormPart): Turn {
  return { speaker: filename === undefined ? name : `${name} ${filename}`, text: contentText(bytes) };
}

/** What content says; of what cannot be read, what it is. */
export function contentText(bytes: Uint8Array): string {
  const { text, kind } = sniff(bytes);
  return text ?? unreadable({ kind, size: bytes.length });
}
