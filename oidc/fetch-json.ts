/** Discovery documents and key sets are a few KiB; what is larger is a fault or an attack. */
const DOCUMENT_MAX_BYTES = 512 * 1024;

/**
 * Gets a JSON document of an issuer, without following redirects: only `url` itself is trusted.
 * Rejects when the answer is not 200, too large or not JSON, when the connection fails or `signal` aborts.
 */
export async function fetchJson(url: URL, signal: AbortSignal): Promise<unknown> {
  const headers = { accept: 'application/json, application/jwk-set+json' };
  const response = await fetch(url, { redirect: 'manual', headers, signal });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`${url.host} answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (bytes > DOCUMENT_MAX_BYTES) throw new Error(`${url.host} answered with too large a document`);
    chunks.push(chunk);
  }
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
}
