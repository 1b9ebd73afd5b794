/** A URL that Sworn may call, or what is wrong with the text, to be read after its name: "must be …". */
export type Endpoint = { readonly url: URL } | { readonly fault: string };

/**
 * Reads the base URL of an issuer or an upstream. HTTPS everywhere; plain HTTP on loopback only, since tokens,
 * keys and credentials that cross a network in the clear are worth nothing. No user, password, query or fragment.
 * @param options.plaintext plain HTTP is allowed to every host
 */
export function readEndpoint(text: string, options: { readonly plaintext?: boolean } = {}): Endpoint {
  if (!URL.canParse(text)) return { fault: 'must be a URL' };
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { fault: 'must be an https URL' };
  if (options.plaintext !== true && !isSafeUrl(url))
    return { fault: 'must be an https URL; http is for loopback hosts only' };
  if (url.username !== '' || url.password !== '') return { fault: 'must not contain a user or password' };
  // An empty one as well: what is put behind the URL would become it.
  if (/[?#]/.test(url.href)) return { fault: 'must not contain a query or fragment' };
  return { url };
}

/** HTTPS, or HTTP on loopback. */
export function isSafeUrl(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

/** Whether a host name or address is this machine's own, where plain HTTP leaks nothing to a network. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
