import type { Stack } from '../../demo/stack/stack.js';

/** The two `WWW-Authenticate` lines of a refusal, in the words of RFC 6750 and RFC 9449; `about` is `error="…", …` or empty. */
export function challenges(
  stack: Stack,
  resource: string,
  scope: string,
  about: { bearer: string; dpop: string },
): string[] {
  const place = `resource_metadata="${stack.addresses.publicUrl}/.well-known/oauth-protected-resource${resource}", scope="${scope}"`;
  return [`Bearer ${about.bearer}${place}`, `DPoP algs="ES256", ${about.dpop}${place}`];
}

export const NOTHING = { bearer: '', dpop: '' };

export function invalidToken(description: string): { bearer: string; dpop: string } {
  const about = `error="invalid_token", error_description="${description}", `;
  return { bearer: about, dpop: about };
}

export function invalidProof(description: string): { bearer: string; dpop: string } {
  return { bearer: '', dpop: `error="invalid_dpop_proof", error_description="${description}", ` };
}
