import { errors, type KoaContextWithOIDC } from 'oidc-provider';

/** Characters of all parameters together. */
const MAX_REQUEST = 4096;

/** Anyone may ask for a code, and what was asked is stored as long as the code lives. */
export function requireSmallRequest({ oidc }: KoaContextWithOIDC): void {
  if (oidc.route !== 'device_authorization' || JSON.stringify(oidc.params).length <= MAX_REQUEST) return;
  throw new errors.InvalidRequest('the request is too long');
}
