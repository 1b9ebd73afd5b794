import { RequestError } from '../request/request-error.ts';

/** What the headers of a part say. */
export interface PartHead {
  readonly name: string;
  /** Undefined: a field, not a file. */
  readonly filename: string | undefined;
  /** The `content-type` as it stands there; empty without one. */
  readonly type: string;
}

/** `purpose`, `expires_after[anchor]`, `image[]`: names as the API has them. */
const NAME = /^[A-Za-z_]\w{0,63}(?:\[\w{0,64}\]){0,4}$/;
/** A field that says how the others are encoded, to readers that know it: RFC 7578 section 4.6. */
const ENCODING_NAME = '_charset_';
const MAX_FILENAME_CHARS = 255;
const HEADER = /^([A-Za-z-]{1,40}):(.*)$/;
const PARAMETER = /^; *(name|filename)=(?:"([^"]*)"|([\w.[\]-]+))/;
/** They leave the bytes as they are: RFC 2045 section 6.2. */
const PLAIN_ENCODINGS = new Set(['7bit', '8bit', 'binary']);
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|%0[AD]/i;

/**
 * Reads the headers of a part of `length` bytes: content-disposition, content-type, and what changes nothing.
 *
 * @throws RequestError for any other header or parameter: `filename*`, an encoding, a nested multipart.
 */
export function readHead(bytes: Uint8Array, length: number): PartHead {
  const headers = readHeaders(bytes);
  const disposition = headers.get('content-disposition');
  if (disposition === undefined) throw broken('it has no content-disposition');
  const { name, filename } = readDisposition(disposition);
  const type = headers.get('content-type') ?? '';
  if (/^multipart\//i.test(type)) throw broken('it is a form itself');
  const encoding = headers.get('content-transfer-encoding');
  if (encoding !== undefined && !PLAIN_ENCODINGS.has(encoding.toLowerCase())) throw broken('it is encoded');
  const declared = headers.get('content-length');
  if (declared !== undefined && declared !== String(length)) throw broken('its content-length is wrong');
  return { name, filename, type };
}

const KNOWN = new Set(['content-disposition', 'content-type', 'content-transfer-encoding', 'content-length']);

function readHeaders(bytes: Uint8Array): Map<string, string> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw broken('its headers are not UTF-8');
  }
  const headers = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const [, field = '', value = ''] = HEADER.exec(line) ?? [];
    const name = field.toLowerCase();
    if (!KNOWN.has(name)) throw broken('it has a header that is not known');
    if (CONTROL.test(value)) throw broken('its headers have control characters');
    if (headers.has(name)) throw broken('a header stands there twice');
    headers.set(name, value.trim());
  }
  return headers;
}

function readDisposition(value: string): { name: string; filename: string | undefined } {
  if (!/^form-data *;/i.test(value)) throw broken('it is no form-data');
  const found = new Map<string, string>();
  let rest = value.slice(value.indexOf(';'));
  while (rest !== '') {
    const [whole, key = '', quoted, token] = PARAMETER.exec(rest) ?? [];
    if (whole === undefined) throw broken('its content-disposition has more than name and filename');
    if (found.has(key)) throw broken(`${key} stands there twice`);
    found.set(key, readMarks(quoted ?? token ?? ''));
    rest = rest.slice(whole.length).trimStart();
  }
  const name = found.get('name') ?? '';
  if (!NAME.test(name)) throw broken('its name is none of the API');
  if (name === ENCODING_NAME) throw broken('it names an encoding of the others');
  const filename = found.get('filename');
  if (filename === '') throw broken('its file name is empty');
  if (filename !== undefined && filename.length > MAX_FILENAME_CHARS)
    throw broken('its file name is too long');
  return { name, filename };
}

/** Clients write a quotation mark as %22: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
function readMarks(text: string): string {
  // A backslash before the closing mark: some readers take the mark for a part of the value.
  if (text.endsWith('\\')) throw broken('a value in its content-disposition ends in a backslash');
  return text.replaceAll('%22', '"');
}

function broken(fault: string): RequestError {
  return new RequestError(`A part of the form is not accepted: ${fault}.`, '');
}
