const TIMEOUT_MS = 5_000;
const MAX_BYTES = 262_144;

/** JSON from an address that the settings or an issuer's metadata name: no redirect, 5 s, 256 KiB. */
export async function boundedJson(url: URL, timeoutMs = TIMEOUT_MS): Promise<unknown> {
  const response = await fetch(url, {
    redirect: 'error',
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new Error(`answered with ${response.status}`);
  }
  return JSON.parse((await boundedBody(response.body)).toString('utf8'));
}

/** At most 256 KiB; throws where there is more. */
export async function boundedBody(body: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new Error('the answer is larger than 256 KiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
