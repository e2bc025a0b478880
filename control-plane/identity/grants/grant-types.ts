/** The grant types for those who come without a browser. */
export const GRANT_TYPES = {
  /** RFC 6749 §4.4, by service accounts with a key of their own. */
  clientCredentials: 'client_credentials',
  /** RFC 7523 §2.1: identity assertions of the company's IdP, and tokens of trusted issuers. */
  jwtBearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  /** RFC 8693. */
  tokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
} as const;

/** RFC 8693 §3. */
export const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';

/** What identity assertions are called in metadata (draft-ietf-oauth-identity-assertion-authz-grant). */
export const ID_JAG_PROFILE = 'urn:ietf:params:oauth:grant-profile:id-jag';
