import { Buffer } from 'node:buffer';
import { RequestError } from '../request/request-error.ts';
import { type PartHead, readHead } from './head.ts';

/** One field or file of a form. */
export interface FormPart extends PartHead {
  readonly bytes: Uint8Array;
}

/** Parts of one form; the API's largest has some twenty. */
const MAX_PARTS = 200;
/** Of the headers of one part. */
const MAX_HEAD_BYTES = 8 * 1024;
// RFC 2046 section 5.1.1 allows more characters, which no client uses.
const CONTENT_TYPE = /^multipart\/form-data *; *boundary=(?:"([\w'()+,./:=?-]{1,70})"|([\w'+.-]{1,70}))$/i;

/** True for a `content-type` that says that the body is a form, well-formed or not. */
export function isForm(contentType: string | undefined): boolean {
  return /^\s*multipart\//i.test(contentType ?? '');
}

/**
 * Reads `multipart/form-data` (RFC 7578) strictly: nothing before the first boundary and nothing behind the last one, line
 * ends CRLF, no nested multipart, no encoding of a part. What two readers could take for different forms is refused; and as
 * the provider gets the form written anew (formatForm), it reads what was read here.
 *
 * @throws RequestError
 */
export function parseForm(contentType: string | undefined, body: Uint8Array): FormPart[] {
  const match = CONTENT_TYPE.exec(contentType?.trim() ?? '');
  if (match === null) throw broken('the content-type is not multipart/form-data with a boundary');
  const data = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = Buffer.from(`--${match[1] ?? match[2]}`);
  const separator = Buffer.concat([Buffer.from('\r\n'), delimiter]);
  const parts: FormPart[] = [];
  if (data.indexOf(delimiter) !== 0) throw broken('it does not begin with its boundary');
  let at = delimiter.length;
  while (!isEnd(data, at)) {
    if (parts.length === MAX_PARTS) throw broken('it has too many parts');
    if (data.toString('latin1', at, at + 2) !== '\r\n')
      throw broken('a boundary is not on a line of its own');
    const start = data.indexOf('\r\n\r\n', at + 2);
    if (start < 0 || start - at > MAX_HEAD_BYTES) throw broken('the headers of a part do not end');
    const end = data.indexOf(separator, start + 4);
    if (end < 0) throw broken('it breaks off before its last boundary');
    const bytes = data.subarray(start + 4, end);
    parts.push({ ...readHead(data.subarray(at + 2, start), bytes.length), bytes });
    at = end + separator.length;
  }
  return parts;
}

/** Whether the last boundary stands here, with nothing behind it but a line end. */
function isEnd(data: Buffer, at: number): boolean {
  if (data.toString('latin1', at, at + 2) !== '--') return false;
  const rest = data.toString('latin1', at + 2, at + 5);
  if (rest !== '' && rest !== '\r\n') throw broken('there is something behind its last boundary');
  return true;
}

function broken(fault: string): RequestError {
  return new RequestError(`The form is not accepted: ${fault}.`, '');
}
