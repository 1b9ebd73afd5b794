/** A part: its headers, its content. */
export type Piece = readonly [head: string, content: string | Uint8Array];

/** Parts of a form as a client writes them, headers first. */
export function formOf(...parts: Piece[]): Buffer {
  const pieces = parts.flatMap(([head, content]) => [
    Buffer.from(`--limit\r\n${head}\r\n\r\n`),
    Buffer.from(content as Uint8Array),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...pieces, Buffer.from('--limit--\r\n')]);
}

export const FORM_TYPE = 'multipart/form-data; boundary=limit';

/** The header of a field. */
export function field(name: string): string {
  return `Content-Disposition: form-data; name="${name}"`;
}

/** The headers of a file. */
export function file(name: string, filename: string, type = 'text/plain'): string {
  return `${field(name)}; filename="${filename}"\r\nContent-Type: ${type}`;
}
