import { exportJWK, generateKeyPair } from 'jose';
import { Provider, type Configuration } from 'oidc-provider';
import type { Directory } from './people.js';
import type { SavedState } from './saved-state.js';

export interface IdpSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  /** Without it, all is in memory and gone with the process. */
  readonly state?: SavedState;
}

const HOURS = 3600;

/** An OpenID provider as a company runs one: one confidential client, groups in the ID token, rotating refresh tokens. */
export async function createProvider(settings: IdpSettings, directory: Directory): Promise<Provider> {
  const provider = new Provider(settings.issuer, await configuration(settings, directory));
  // No session stays behind, so every sign-in asks who it is: alice and dave can share one browser.
  provider.on('authorization.success', (context) => {
    if (context.oidc.session) Object.assign(context.oidc.session, { destroyed: true });
  });
  return provider;
}

async function configuration(settings: IdpSettings, directory: Directory): Promise<Configuration> {
  const { signingKeys, cookieKey } = await (settings.state?.keep('keys', makeKeys) ?? makeKeys());
  return {
    ...(settings.state === undefined ? {} : { adapter: settings.state.adapter }),
    jwks: { keys: signingKeys },
    clients: [
      {
        client_id: settings.clientId,
        client_secret: settings.clientSecret,
        client_name: 'mcp-sso',
        application_type: 'web',
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [settings.redirectUri],
        backchannel_logout_uri: new URL('/auth/backchannel-logout', settings.redirectUri).href,
        backchannel_logout_session_required: true,
      },
    ],
    // Its own names: on a loopback address a browser shows the cookies of one port to every other.
    cookies: {
      keys: [cookieKey],
      names: { session: 'idp_session', interaction: 'idp_login', resume: 'idp_resume' },
    },
    scopes: ['openid', 'offline_access', 'profile', 'email', 'groups'],
    claims: { openid: ['sub', 'acr'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
    // Groups in the ID token, as Okta and Entra put them.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    findAccount: (_context, id) => account(directory, id),
    loadExistingGrant: async (context) => {
      const { client, session } = context.oidc;
      if (!client || !session?.accountId) return undefined;
      const grant = new context.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid offline_access profile email groups');
      for (const resource of requestedResources(context.oidc.params?.['resource']))
        grant.addResourceScope(resource, 'mcp');
      await grant.save();
      return grant;
    },
    // The library drops offline_access where no consent is asked for; a company's provider does not ask its staff.
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    interactions: { url: (_context, interaction) => `/sign-in/${interaction.uid}` },
    ttl: {
      AccessToken: 300,
      AuthorizationCode: 60,
      Grant: 12 * HOURS,
      IdToken: 300,
      Interaction: 600,
      RefreshToken: 12 * HOURS,
      Session: HOURS,
    },
    // The library's own dispatcher refuses loopback addresses, which is where all of this lives.
    fetch: (url, options) => {
      const { dispatcher: _guard, ...rest } = options as RequestInit & { dispatcher?: unknown };
      return globalThis.fetch(url, rest);
    },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
      // Access tokens as JWTs for any resource: what a stolen token of a real provider looks like.
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          scope: 'mcp',
          audience: resource,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  };
}

function account(directory: Directory, id: string) {
  const person = directory.find(id);
  if (!person) return undefined;
  const { name, email, groups } = person;
  return {
    accountId: id,
    claims: () => Promise.resolve({ sub: id, name, email, email_verified: true, groups: [...groups] }),
  };
}

interface Keys {
  readonly signingKeys: Awaited<ReturnType<typeof signingKey>>[];
  readonly cookieKey: string;
}

async function makeKeys(): Promise<Keys> {
  return { signingKeys: [await signingKey('RS256'), await signingKey('ES256')], cookieKey: crypto.randomUUID() };
}

function requestedResources(parameter: unknown): string[] {
  return [parameter].flat().filter((value) => typeof value === 'string');
}

async function signingKey(alg: 'RS256' | 'ES256') {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: alg.toLowerCase() };
}
