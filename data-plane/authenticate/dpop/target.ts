/** Of `htu`, in characters: no path that is served is longer. */
const TARGET_MAX_LENGTH = 2_048;
/** Percent-encoded octets that mean the same unencoded (RFC 3986 section 2.3): letters, digits, `-._~`. */
const UNRESERVED = /%(?:2[de]|3\d|[46][1-9a-f]|[57]\d|[57]a|5f|7e)/gi;

/**
 * Whether `htu` of a proof (RFC 9449 section 4.3) is where a request went: one of the plane's public URLs with the request's
 * path. Queries and fragments do not count, and both are normalised (RFC 3986 section 6.2.2 and 6.2.3): case of scheme, host and
 * percent-encoding, default ports, dot segments. The `Host` header is never looked at: it is the caller's own word.
 *
 * @param publicUrls without a slash at their end
 * @param requestTarget as it stands in the request line
 */
export function isTarget(htu: string, publicUrls: readonly string[], requestTarget: string): boolean {
  if (htu.length > TARGET_MAX_LENGTH) return false;
  const claimed = normalise(htu);
  const path = requestTarget.split('?', 1)[0] ?? '';
  return (
    claimed !== undefined &&
    path.startsWith('/') &&
    publicUrls.some((publicUrl) => normalise(`${publicUrl}${path}`) === claimed)
  );
}

function normalise(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { username, password, origin, pathname } = new URL(text);
  if (username !== '' || password !== '') return undefined;
  const path = pathname.replace(UNRESERVED, (octet) => decodeURIComponent(octet));
  return `${origin}${path.replace(/%[\da-f]{2}/gi, (octet) => octet.toUpperCase())}`;
}
