/** A URL that Sworn may call, or what is wrong with the text, to be read after its name: "must be …". */
export type Endpoint = { readonly url: URL } | { readonly fault: string };

/**
 * Reads the base URL of an issuer or an upstream. HTTPS everywhere; plain HTTP on loopback only, since tokens,
 * keys and credentials that cross a network in the clear are worth nothing. No user, password, query or fragment.
 */
export function readEndpoint(text: string): Endpoint {
  if (!URL.canParse(text)) return { fault: 'must be a URL' };
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { fault: 'must be an https URL' };
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return { fault: 'must be an https URL; http is for loopback hosts only' };
  }
  if (url.username !== '' || url.password !== '') return { fault: 'must not contain a user or password' };
  if (url.search !== '' || url.hash !== '' || /[?#]$/.test(text)) {
    return { fault: 'must not contain a query or fragment' };
  }
  return { url };
}

/** Whether a URL's hostname is this machine. The URL parser has already written IPv4 in its dotted form. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
