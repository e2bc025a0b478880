import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';

const TIMEOUT_MS = 5_000;

/**
 * The keys behind an address that is found when it is first needed, and again when it has moved. They are read at most
 * every 30 s, however many tokens name a key that nobody knows; no header of a token chooses where.
 */
export function issuerKeys(locate: () => Promise<string>): JWTVerifyGetKey {
  let known: { readonly address: string; readonly keys: JWTVerifyGetKey } | undefined;
  return async (header, token) => {
    const address = await locate();
    if (known?.address !== address) {
      known = { address, keys: createRemoteJWKSet(new URL(address), { timeoutDuration: TIMEOUT_MS }) };
    }
    return known.keys(header, token);
  };
}
