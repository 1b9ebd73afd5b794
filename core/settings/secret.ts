import type { Parsed } from './settings.ts';

/** Where a secret is: in the setting itself, in a file, or in an environment variable. */
export type SecretReference =
  | { readonly from: 'literal'; readonly value: string }
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'env'; readonly name: string };

/** Reads `file:///absolute/path`, `env://NAME`, or else takes the text as the secret itself. */
export function parseSecret(raw: unknown): Parsed<SecretReference> {
  if (typeof raw !== 'string' || raw.trim() === '') return { fault: 'is not a text' };
  if (raw.startsWith('file:')) {
    const path = URL.canParse(raw) ? new URL(raw) : undefined;
    if (path === undefined || path.host !== '' || !raw.startsWith('file:///')) {
      return { fault: 'is not a file reference; write file:///absolute/path' };
    }
    try {
      return { value: { from: 'file', path: decodeURIComponent(path.pathname) } };
    } catch {
      return { fault: 'is not a file reference; write % in its path as %25' };
    }
  }
  if (raw.startsWith('env:')) {
    const name = /^env:\/\/([A-Za-z_][A-Za-z0-9_]*)$/.exec(raw)?.[1];
    if (name === undefined) return { fault: 'is not a variable reference; write env://NAME' };
    return { value: { from: 'env', name } };
  }
  return { value: { from: 'literal', value: raw } };
}
