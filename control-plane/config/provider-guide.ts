/** What to write under `identity.providers`. */
export const PROVIDER_GUIDE: readonly (readonly [pattern: string, text: string])[] = [
  ['identity.providers.*.preset', 'write okta, entra, pingone, keycloak, google or oidc'],
  [
    'identity.providers.*.issuer',
    'write the https issuer of your identity provider, for example https://acme.okta.com',
  ],
  ['identity.providers.*.clientId', 'write the id of the web client that you registered at the identity provider'],
  ['identity.providers.*.clientSecret', 'write env:NAME or file:PATH; the secret itself never belongs in this file'],
  [
    'identity.providers.*.privateKey',
    'write env:NAME or file:PATH of a private key (PEM or JWK), instead of clientSecret',
  ],
  [
    'identity.providers.*.clientAuthentication',
    'write client_secret_post, client_secret_basic or private_key_jwt (which needs privateKey)',
  ],
  ['identity.providers.*.groupsFormat', 'write array, or csv where the groups come as one text with commas'],
  ['identity.providers.*.microsoftGraph', 'write https://graph.microsoft.com, or the address of your national cloud'],
  ['identity.providers.*.emailDomains', 'write a list of domains, for example [acme.example]'],
  ['identity.providers.*.emailDomains.*', 'write a domain in lower case, for example acme.example'],
  [
    'identity.providers.*.scopes',
    'write a list of scopes, for example [openid, profile, email, groups, offline_access]',
  ],
  [
    'identity.providers.*.parameters',
    'write further parameters of the sign-in, for example { audience: https://api.acme.example }',
  ],
  ['identity.providers.*.parameters.*', 'write a text; put numbers in quotes'],
  ['identity.providers.*.groupsClaim', 'write the name of the claim that holds the groups, for example groups'],
  [
    'identity.providers.*.freshSignIn',
    'write which scope the provider gives only after a sign-in of the last seconds, for example { scope: fresh, maxAge: 60 }',
  ],
  ['identity.providers.*.freshSignIn.scope', 'write the one scope that the provider guards so, for example fresh'],
  [
    'identity.providers.*.freshSignIn.maxAge',
    'write the age in seconds that the provider enforces for it (5 to 3600), and no less',
  ],
  [
    'identity.providers.*.managedDevice',
    'write by which claim of its ID token it says so, for example { claim: device_managed, values: [true] }',
  ],
  ['identity.providers.*.managedDevice.claim', 'write the name of a claim of the ID token'],
  [
    'identity.providers.*.managedDevice.values',
    'write what the claim holds for a managed device, for example [true] or [compliant]',
  ],
  ['identity.providers.*.managedDevice.values.*', 'write a text, true or false'],
  ['identity.providers.*.backchannelLogout', 'write true (a logout at the provider ends the sessions here) or false'],
  ['identity.providers.*.universalLogout', 'write who signs, for example { issuer: https://acme.okta.com }'],
  ['identity.providers.*.universalLogout.issuer', 'write the iss of its tokens, for example https://acme.okta.com'],
  [
    'identity.providers.*.universalLogout.audience',
    'write the aud of its tokens; without it, the address of /auth/global-token-revocation',
  ],
  [
    'identity.providers.*.universalLogout.jwksUri',
    'write the https address of its keys, for example https://acme.okta.com/oauth2/v1/keys',
  ],
  [
    'identity.providers.*.sharedSignals',
    'write who signs for whom, for example { issuer: https://acme.okta.com, audience: https://mcp.acme.example }',
  ],
  ['identity.providers.*.sharedSignals.issuer', 'write the iss of its events, for example https://acme.okta.com'],
  ['identity.providers.*.sharedSignals.audience', 'write the aud of its events, as the transmitter shows it'],
  [
    'identity.providers.*.sharedSignals.jwksUri',
    'write the https address of its keys, for example https://acme.okta.com/oauth2/v1/keys',
  ],
  [
    'identity.providers.*.sharedSignals.secret',
    'write env:NAME or file:PATH of the bearer token that the transmitter sends; the secret itself never belongs in this file',
  ],
];
