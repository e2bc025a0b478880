import { PATHS } from '#shared/api/paths.js';

/** draft-ietf-oauth-client-id-metadata-document §2; the fields are those of RFC 7591 §2. */
export interface ClientDocument {
  readonly client_id: string;
  readonly client_name: string;
  readonly client_uri: string;
  readonly redirect_uris: readonly string[];
  readonly grant_types: readonly string[];
  readonly response_types: readonly string[];
  readonly token_endpoint_auth_method: string;
  readonly application_type: string;
}

/** Our client id where authorization servers take addresses of documents: undefined without https, which they ask for. */
export function documentAddress(publicUrl: string): string | undefined {
  const url = new URL(PATHS.connectClient, publicUrl);
  return url.protocol === 'https:' ? url.href : undefined;
}

/** Ourselves as a client of the authorization servers of MCP servers: public, because nobody could give us a secret. */
export function clientDocument(publicUrl: string): ClientDocument {
  return {
    client_id: new URL(PATHS.connectClient, publicUrl).href,
    client_name: 'mcp-sso',
    client_uri: new URL(publicUrl).origin,
    redirect_uris: [new URL(PATHS.connectCallback, publicUrl).href],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'web',
  };
}
