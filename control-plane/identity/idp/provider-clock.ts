import type { Clock } from '../../clock/skew.js';

const LIMIT_MS = 300_000;
const TIMEOUT_MS = 5_000;

/**
 * A provider's clock, read from the `Date` header of its metadata (OpenID Connect Discovery §4). What a cache answers was
 * made `Age` seconds ago (RFC 9111 §5.1).
 */
export function providerClock(id: string, issuer: string, limitMs = LIMIT_MS): Clock {
  return { name: `the identity provider ${id}`, limitMs, read: () => providerTime(issuer) };
}

async function providerTime(issuer: string): Promise<number> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    redirect: 'error',
    headers: { 'cache-control': 'no-cache' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the metadata was answered with ${response.status}`);
  const age = Number(response.headers.get('age') ?? 0);
  return Date.parse(response.headers.get('date') ?? '') + (Number.isFinite(age) ? age * 1000 : 0);
}
