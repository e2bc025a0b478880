import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { boundedJson } from '../assertions/bounded-json.js';

/**
 * The keys behind an address that is found when it is first needed, and again when it has moved. They are read at most
 * every 30 s, however many tokens name a key that nobody knows, within the bounds of `boundedJson`; no header of a token
 * chooses where.
 */
export function issuerKeys(locate: () => Promise<string>): JWTVerifyGetKey {
  let known: { readonly address: string; readonly keys: JWTVerifyGetKey } | undefined;
  return async (header, token) => {
    const address = await locate();
    if (known?.address !== address) {
      known = { address, keys: createRemoteJWKSet(new URL(address), { [customFetch]: read }) };
    }
    return known.keys(header, token);
  };
}

async function read(address: string): Promise<Response> {
  return Response.json(await boundedJson(new URL(address)));
}
