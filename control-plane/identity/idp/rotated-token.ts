import * as oidc from 'openid-client';
import { isObject } from '#shared/mcp/json-rpc.js';
import { providerRequest } from './provider-request.js';

/**
 * Hands a rotated refresh token to `keep` the moment that the token endpoint answers. The used one is worth nothing from
 * then on, so whatever fails later, such as a key of the provider that is not known yet, must not lose the new one.
 */
export function keepRotated(
  configuration: oidc.Configuration,
  used: string,
  keep: (rotated: string) => Promise<void>,
): void {
  const send = configuration[oidc.customFetch] ?? providerRequest;
  const endpoint = configuration.serverMetadata().token_endpoint;
  configuration[oidc.customFetch] = async (url, options) => {
    const response = await send(url, options);
    if (url !== endpoint || !response.ok) return response;
    const rotated = await refreshTokenIn(response.clone());
    if (rotated !== undefined && rotated !== used) await keep(rotated);
    return response;
  };
}

async function refreshTokenIn(response: Response): Promise<string | undefined> {
  try {
    const body: unknown = await response.json();
    const token = isObject(body) ? body['refresh_token'] : undefined;
    return typeof token === 'string' && token !== '' ? token : undefined;
  } catch {
    // Not JSON: openid-client says so.
    return undefined;
  }
}
