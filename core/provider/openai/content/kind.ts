/** What content that cannot be read is, by its first bytes; policies allow it by these words. */
export const OPAQUE_KINDS = ['image', 'audio', 'video', 'pdf', 'other'] as const;

export type OpaqueKind = (typeof OPAQUE_KINDS)[number];

/** True for the words of a policy that name a kind. */
export function isOpaqueKind(word: string): word is OpaqueKind {
  return (OPAQUE_KINDS as readonly string[]).includes(word);
}

/** Types that go on to the provider and into records. A type is the caller's own word: one that is not here could say anything. */
const MEDIA_TYPES = new Set([
  ...['plain', 'csv', 'markdown', 'html', 'xml', 'tab-separated-values', 'x-python', 'vtt'].map(text),
  ...['png', 'jpeg', 'jpg', 'gif', 'webp', 'bmp', 'tiff', 'heic', 'avif', 'svg+xml'].map(image),
  ...['mpeg', 'mp3', 'mp4', 'mpga', 'm4a', 'x-m4a', 'wav', 'x-wav', 'wave', 'webm', 'ogg', 'opus'].map(audio),
  ...['flac', 'x-flac', 'aac', 'pcm'].map(audio),
  ...['mp4', 'webm', 'mpeg', 'quicktime'].map(video),
  ...['json', 'jsonl', 'x-ndjson', 'xml', 'csv', 'pdf', 'zip', 'gzip', 'x-tar', 'rtf', 'msword'].map(
    application,
  ),
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
]);

/** The type that a header declares, in lower case and without parameters; empty for one that is not known. */
export function readMediaType(header: string | undefined): string {
  const type = header?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return MEDIA_TYPES.has(type) ? type : '';
}

function text(name: string): string {
  return `text/${name}`;
}

function image(name: string): string {
  return `image/${name}`;
}

function audio(name: string): string {
  return `audio/${name}`;
}

function video(name: string): string {
  return `video/${name}`;
}

function application(name: string): string {
  return `application/${name}`;
}
