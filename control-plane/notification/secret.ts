import { isSafeUrl } from '#core/endpoint/read.ts';
import type { Context } from '../context.ts';
import type { NotifierDocument } from '../storage/configuration/notifiers.ts';

/** Of Standard Webhooks: 24 to 64 bytes, https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;
const PREFIX = 'whsec_';

type Place = Pick<NotifierDocument, '_id' | 'kind' | 'place'>;

/** What is wrong with the secret of a webhook; undefined when nothing is. */
export function checkSigningSecret(secret: string): string | undefined {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '';
  const bytes = Buffer.from(encoded, 'base64');
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) && bytes.toString('base64') === encoded;
  if (isBase64 && bytes.length >= MIN_SECRET_BYTES && bytes.length <= MAX_SECRET_BYTES) return undefined;
  return `must be ${PREFIX} and the base64 of ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} bytes`;
}

/** Reads a URL that messages may be posted to, or says what is wrong with it; incoming webhooks may have a query. */
export function readReceiver(text: string): { readonly url: URL } | { readonly fault: string } {
  if (!URL.canParse(text)) return { fault: 'must be a URL' };
  const url = new URL(text);
  if (!isSafeUrl(url)) return { fault: 'must be an https URL; http is for loopback hosts only' };
  if (url.username !== '' || url.password !== '') return { fault: 'must not contain a user or password' };
  if (url.hash !== '') return { fault: 'must not contain a fragment' };
  return { url };
}

/**
 * Seals a secret for one notifier and one place: who can write to the store can neither move it to another notifier nor
 * turn a signed webhook to a host of their own.
 */
export function sealSecret({ seal }: Context, place: Place, secret: string): Uint8Array {
  return seal.seal(Buffer.from(secret, 'utf8'), notifierContext(place));
}

/**
 * The secret of a stored notifier; empty where it has none.
 * @throws SealError when it was sealed for another notifier or place, or with another master key
 */
export function openSecret({ seal }: Context, notifier: NotifierDocument): string {
  if (notifier.sealedSecret === undefined) return '';
  return Buffer.from(seal.open(notifier.sealedSecret, notifierContext(notifier))).toString('utf8');
}

/** What the secret of a notifier is sealed as. */
export function notifierContext({ _id, kind, place }: Place): string {
  return `${_id} secret for ${kind} ${place}`;
}
