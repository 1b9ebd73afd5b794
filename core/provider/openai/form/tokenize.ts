import type { Masker } from '#core/phi/mask.ts';
import { sniff } from '../content/sniff.ts';
import { findTokenEdits } from '../request/tokenize.ts';
import type { FormPart } from './parse.ts';

/** By which providers tell what a file is. */
const EXTENSION = /\.[A-Za-z0-9]{1,5}$/;

/**
 * Puts tokens into the fields of a form and the names of its files: yields each part as it goes on, and `undefined` now and then,
 * so that others can have their turn. Files stay as they are.
 *
 * @throws TokenizeError for a field that is an id or a word of the API
 */
export function* tokenizeFields(
  parts: readonly FormPart[],
  tokenizer: Masker,
): Generator<FormPart | undefined> {
  for (const part of parts) {
    const text = part.filename === undefined ? sniff(part.bytes).text : undefined;
    const [key = ''] = part.name.split('[');
    let { bytes } = part;
    for (const edit of text === undefined ? [] : findTokenEdits({ [key]: text }, [], tokenizer)) {
      if (edit === undefined) yield undefined;
      else bytes = new TextEncoder().encode(String(edit.value));
    }
    const { filename } = part;
    yield { ...part, bytes, ...(filename !== undefined && { filename: nameFile(filename, tokenizer) }) };
  }
}

/** What a file is stays to be seen where its whole name is a finding: `[PHOTO_REFERENCE_kqvbtmhc].mp3`. */
function nameFile(filename: string, tokenizer: Masker): string {
  const { text } = tokenizer.mask(filename);
  const [extension = ''] = EXTENSION.exec(filename) ?? [];
  return text === filename || text.endsWith(extension) ? text : `${text}${extension}`;
}
