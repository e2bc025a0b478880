import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RegisteredClient } from './glewlwyd.js';

const PACKAGED = '/etc/glewlwyd/glewlwyd.conf';
/** Names the sign-in of a browser, as `sid` does in its ID tokens. */
export const SESSION_COOKIE = 'GLEWLWYD2_OIDC_SID';
/** Given only to who typed the password at most so many seconds ago. */
export const FRESH = { scope: 'fresh', maxAge: 60 };
export const SCOPES = ['openid', 'email', 'profile', 'groups', 'offline_access', FRESH.scope];

interface Place {
  readonly folder: string;
  readonly port: number;
  /** Without a slash at the end; with one its endpoints would have two. */
  readonly origin: string;
}

/** The packaged configuration, put on loopback and on a database of its own. */
export function configurationFile({ folder, port, origin }: Place): string {
  return readFileSync(PACKAGED, 'utf8')
    .replace(/^port=.*$/m, `port=${port}\nbind_address="127.0.0.1"`)
    .replace(/^external_url=.*$/m, `external_url="${origin}"`)
    .replace(/^log_mode=.*$/m, 'log_mode="console"')
    .replace(/^@include.*$/m, `database = { type = "sqlite3"; path = "${join(folder, 'glewlwyd.db')}"; };`);
}

/** Its OpenID Connect module: rotated refresh tokens of one use, PKCE, groups as an array in the ID token. */
export function providerModule(origin: string): object {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'glewlwyd' };
  return {
    module: 'oidc',
    name: 'oidc',
    display_name: 'OpenID Connect',
    order_rank: 0,
    parameters: {
      iss: `${origin}/api/oidc`,
      'jwks-private': JSON.stringify({ keys: [key] }),
      'default-kid': key.kid,
      'jwt-type': 'ecdsa',
      'jwt-key-size': '256',
      'jwks-show': true,
      'oauth-as-iss-id': true,
      'subject-type': 'public',
      'allowed-scope': SCOPES,
      scope: [],
      'access-token-duration': 300,
      'refresh-token-duration': 28_800,
      'code-duration': 60,
      'refresh-token-rolling': true,
      'refresh-token-one-use': 'always',
      'auth-type-code-enabled': true,
      'auth-type-code-revoke-replayed': true,
      'auth-type-token-enabled': false,
      'auth-type-id-token-enabled': true,
      'auth-type-none-enabled': false,
      'auth-type-password-enabled': false,
      'auth-type-client-enabled': false,
      'auth-type-device-enabled': false,
      'auth-type-refresh-enabled': true,
      'pkce-allowed': true,
      'pkce-required': true,
      'pkce-required-public-client': true,
      'pkce-method-plain-allowed': false,
      'pkce-scopes': [],
      'email-claim': 'mandatory',
      'name-claim': 'mandatory',
      claims: [
        {
          name: 'groups',
          'user-property': 'groups',
          type: 'string',
          mandatory: true,
          'on-demand': false,
          scope: [],
        },
      ],
      'additional-parameters': [],
      'session-management-allowed': true,
      'back-channel-logout-allowed': true,
      'front-channel-logout-allowed': false,
      'session-cookie-name': SESSION_COOKIE,
      'session-cookie-expiration': 28_800,
      'claims-parameter': true,
    },
  };
}

/** The control plane as IT registers it: one confidential web client with one redirect URI. */
export function registration({ id, secret, publicUrl }: RegisteredClient): object {
  return {
    client_id: id,
    name: 'mcp-sso',
    confidential: true,
    enabled: true,
    password: secret,
    client_secret: secret,
    scope: [],
    redirect_uri: [`${publicUrl}/auth/callback`],
    authorization_type: ['code', 'refresh_token'],
    token_endpoint_auth_method: ['client_secret_post', 'client_secret_basic'],
    backchannel_logout_uri: `${publicUrl}/auth/backchannel-logout`,
    backchannel_logout_session_required: 'true',
  };
}
