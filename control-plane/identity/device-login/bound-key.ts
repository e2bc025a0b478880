import { calculateJwkThumbprint, decodeProtectedHeader } from 'jose';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';

const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

/**
 * A device names the thumbprint of its DPoP key when it starts, as a client of the code flow does (RFC 9449 §10): from
 * then on the device code is worth nothing without that key.
 */
export function requireThumbprint(context: KoaContextWithOIDC, thumbprint: unknown): void {
  if (context.oidc.route !== 'device_authorization') return;
  if (typeof thumbprint === 'string' && THUMBPRINT.test(thumbprint)) return;
  throw new errors.InvalidRequest('dpop_jkt must be the thumbprint of the key of this device');
}

/** Throws `invalid_grant` where the proof of a token request, already verified, was made with another key. */
export async function requireBoundKey(
  context: KoaContextWithOIDC,
  params: Readonly<Record<string, unknown>> | undefined,
): Promise<void> {
  const { jwk } = decodeProtectedHeader(context.get('DPoP'));
  const thumbprint = jwk && (await calculateJwkThumbprint(jwk));
  if (thumbprint !== undefined && thumbprint === params?.['dpop_jkt']) return;
  throw new errors.InvalidGrant('DPoP proof key thumbprint does not match dpop_jkt');
}
