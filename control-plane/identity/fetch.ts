/** Discovery documents and key sets are a few KiB; what is larger is a fault or an attack. */
const MAX_DOCUMENT_BYTES = 512 * 1024;

/**
 * Gets a JSON document from an issuer, without following redirects.
 * @param signal ends it, headers and body alike
 * @throws Error when the answer is not 200, too large or not JSON, or the connection fails
 */
export async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { accept: 'application/json, application/jwk-set+json' },
    signal,
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`the issuer answered ${response.status}`);
  }
  return JSON.parse(await readText(response));
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (size > MAX_DOCUMENT_BYTES) throw new Error('the issuer answered with too large a document');
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
}
