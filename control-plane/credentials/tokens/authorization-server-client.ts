import * as oidc from 'openid-client';

const TIMEOUT_SECONDS = 10;

/** How requests to the authorization servers of upstreams leave: this file alone tells openid-client. */
export interface Leaving {
  /** It knows where plain http may go, so openid-client is not asked to. */
  readonly send: oidc.CustomFetch;
  readonly timeoutSeconds?: number;
}

/** Ourselves at an authorization server, with what proves it. */
export function clientAt(
  server: oidc.ServerMetadata,
  clientId: string,
  proof: oidc.ClientAuth,
  { send, timeoutSeconds = TIMEOUT_SECONDS }: Leaving,
): oidc.Configuration {
  const configuration = new oidc.Configuration(server, clientId, undefined, proof);
  configuration.timeout = timeoutSeconds;
  configuration[oidc.customFetch] = send;
  oidc.allowInsecureRequests(configuration);
  return configuration;
}

/** What an issuer publishes: RFC 8414 §3, else OpenID Connect Discovery §4. Throws errors of openid-client. */
export async function readServerMetadata(issuer: string, leaving: Leaving): Promise<oidc.ServerMetadata> {
  try {
    return await published(issuer, 'oauth2', leaving);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return await published(issuer, 'oidc', leaving);
  }
}

async function published(
  issuer: string,
  algorithm: 'oauth2' | 'oidc',
  { send, timeoutSeconds = TIMEOUT_SECONDS }: Leaving,
): Promise<oidc.ServerMetadata> {
  const found = await oidc.discovery(new URL(issuer), 'none', undefined, oidc.None(), {
    algorithm,
    timeout: timeoutSeconds,
    [oidc.customFetch]: send,
    execute: [oidc.allowInsecureRequests],
  });
  return found.serverMetadata();
}

/** Nothing lies there; an issuer that names itself otherwise is no reason to look elsewhere. */
function isAbsent(error: unknown): boolean {
  return (
    error instanceof oidc.ClientError &&
    (error.code === 'OAUTH_RESPONSE_IS_NOT_CONFORM' || error.code === 'OAUTH_RESPONSE_IS_NOT_JSON')
  );
}
