import { createPublicKey } from 'node:crypto';
import { isObject } from '#shared/mcp/json-rpc.js';
import { boundedJson } from '../../assertions/bounded-json.js';
import { placeOf } from './console-places.js';
import type { InspectedProvider, Objection } from './objection.js';
import { silenceOf } from './silence.js';

const CURVES = new Set<unknown>(['P-256', 'P-384', 'P-521', 'Ed25519']);
const LEAST_RSA_BITS = 2048;

/** Reads the keys that a provider signs its tokens with (RFC 7517) and asks for one that we can check a signature by. */
export async function signingKeyObjections(
  address: URL,
  { settings }: InspectedProvider,
  timeoutMs: number,
): Promise<Objection[]> {
  try {
    const set = await boundedJson(address, timeoutMs);
    const keys: unknown = isObject(set) ? set['keys'] : undefined;
    if (Array.isArray(keys) && keys.some(isSigningKey)) return [];
    const message = 'none of the keys that it publishes can check a signature';
    return [
      fault(message, `have it sign with an RSA key of 2048 bits or an EC key; ${placeOf(settings.preset, 'keys')}`),
    ];
  } catch (error) {
    const { reason, fix = placeOf(settings.preset, 'keys') } = silenceOf(error);
    return [fault(`its keys (jwks_uri) cannot be read: ${reason}`, fix)];
  }
}

function fault(message: string, fix: string): Objection {
  return { severity: 'fault', key: '', message, fix };
}

function isSigningKey(jwk: unknown): boolean {
  if (!isObject(jwk) || !(jwk['use'] === undefined || jwk['use'] === 'sig')) return false;
  if (jwk['kty'] !== 'RSA' && !CURVES.has(jwk['crv'])) return false;
  try {
    const { modulusLength } = createPublicKey({ key: jwk, format: 'jwk' }).asymmetricKeyDetails ?? {};
    return modulusLength === undefined || modulusLength >= LEAST_RSA_BITS;
  } catch {
    return false;
  }
}
