import { errors, type KoaContextWithOIDC } from 'oidc-provider';

/**
 * RFC 9700 §4.14.2: a refresh token that is bound to a key stays, so that several bridges of a person can refresh at once; any
 * other is used up. Not by a request that gets nothing: trying again would then look like theft. Throws `invalid_target`.
 */
export function isRotated({ oidc }: KoaContextWithOIDC): boolean {
  const { RefreshToken: token } = oidc.entities;
  const granted = token?.resourceIndicators ?? new Set();
  const asked = oidc.params?.['resource'] ?? [...granted];
  const [resource, ...more]: unknown[] = Array.isArray(asked) ? asked : [asked];
  if (typeof resource !== 'string' || more.length > 0 || !granted.has(resource)) throw new errors.InvalidTarget();
  return token?.jkt === undefined;
}
