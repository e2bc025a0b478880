import type { ClientAuthentication, Preset, ProviderSettings } from '../../config/provider-settings.js';

/** How a kind of provider differs from plain OpenID Connect. */
export interface Ways {
  readonly scopes: readonly string[];
  readonly groupsClaim: string;
  /** The claim that names a person for good. */
  readonly subjectClaim: 'sub' | 'oid';
  /** What an assertion of ours names as its audience (RFC 7523 §3): providers disagree. */
  readonly assertionAudience: 'issuer' | 'token-endpoint';
  /** More parameters of the authorization request. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Whether it understands `prompt=login` (OpenID Connect Core §3.1.2.1). */
  readonly promptLogin: boolean;
}

const PLAIN: Ways = {
  scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
  groupsClaim: 'groups',
  subjectClaim: 'sub',
  assertionAudience: 'issuer',
  parameters: {},
  promptLogin: true,
};
/** The groups come by a claim that is mapped there, and an unknown scope would be refused. */
const WITHOUT_GROUPS_SCOPE = ['openid', 'profile', 'email', 'offline_access'];

const WAYS: Readonly<Record<Preset, Ways>> = {
  oidc: PLAIN,
  okta: { ...PLAIN, assertionAudience: 'token-endpoint' },
  // `sub` differs for each application of the same person; `oid` is what directory and SCIM know.
  entra: { ...PLAIN, scopes: WITHOUT_GROUPS_SCOPE, subjectClaim: 'oid', assertionAudience: 'token-endpoint' },
  pingone: { ...PLAIN, scopes: WITHOUT_GROUPS_SCOPE },
  keycloak: { ...PLAIN, scopes: WITHOUT_GROUPS_SCOPE },
  // Google gives a refresh token only so, and knows neither offline_access nor prompt=login.
  google: {
    ...PLAIN,
    scopes: ['openid', 'profile', 'email'],
    parameters: { access_type: 'offline', prompt: 'consent' },
    promptLogin: false,
  },
};

/** The ways of a configured provider, with what the settings change of its preset. */
export function waysOf({ preset, scopes, groupsClaim, parameters }: ProviderSettings): Ways {
  const ways = WAYS[preset];
  return {
    ...ways,
    scopes: scopes ?? ways.scopes,
    groupsClaim: groupsClaim ?? ways.groupsClaim,
    parameters: { ...parameters, ...ways.parameters },
  };
}

export function clientAuthenticationOf(settings: ProviderSettings): ClientAuthentication {
  const { clientAuthentication, privateKey } = settings;
  return clientAuthentication ?? (privateKey === undefined ? 'client_secret_post' : 'private_key_jwt');
}
