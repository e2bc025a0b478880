import { z } from 'zod';
import { identityAssertionKeys } from './machine-settings.js';
import { outerReference } from './reference-form.js';
import { revocationKeys } from './revocation-settings.js';

/** Whose ways are known: `oidc` is any other OpenID provider. What each means is in `identity/idp/presets.ts`. */
const PRESETS = ['okta', 'entra', 'pingone', 'keycloak', 'google', 'oidc'] as const;
export type Preset = (typeof PRESETS)[number];

const CLIENT_AUTHENTICATIONS = ['client_secret_post', 'client_secret_basic', 'private_key_jwt'] as const;
export type ClientAuthentication = (typeof CLIENT_AUTHENTICATIONS)[number];

/** Set by us for each sign-in, or changing what comes back. */
const OURS =
  /^(?!(?:acr_values|claims|client_id|code_challenge|code_challenge_method|dpop_jkt|id_token_hint|login_hint|max_age|nonce|prompt|redirect_uri|request|request_uri|response_mode|response_type|scope|state)$)[!-~]{1,64}$/;
const parameterName = z.string().regex(OURS, 'mcp-sso sets this one itself');

/** RFC 6749 §3.3. */
const scopeName = z.string().regex(/^[!#-[\]-~]{1,64}$/, 'write one scope');

/** One identity provider of `identity.providers`. What is left out follows from the preset. */
export const providerSettings = z.strictObject({
  preset: z.enum(PRESETS).default('oidc'),
  issuer: z.url({ protocol: /^https?$/ }),
  clientId: z.string().min(1),
  /** Either this or `privateKey`. Neither from the encrypted store: signing in must not depend on it. */
  clientSecret: outerReference.optional(),
  /** A private key as PEM (PKCS #8, for Entra with its certificate) or JWK (RFC 7517). */
  privateKey: outerReference.optional(),
  clientAuthentication: z.enum(CLIENT_AUTHENTICATIONS).optional(),
  /** Scopes asked of the provider; `offline_access` (or its equivalent) must yield a refresh token. */
  scopes: z.array(z.string().min(1)).optional(),
  groupsClaim: z.string().min(1).optional(),
  /** More of the authorization request, such as `audience` where the access token is to be for an API of the company. */
  parameters: z.record(parameterName, z.string().max(1024)).default({}),
  /** `csv`: one text with commas. Anything else is taken as it is, since a group's name may hold a comma. */
  groupsFormat: z.enum(['array', 'csv']).default('array'),
  /** Where Microsoft Graph is asked for groups that did not fit into the token; without it such a token has no groups. */
  microsoftGraph: z.url({ protocol: /^https?$/ }).optional(),
  /** Domains that belong to this provider alone. For Google, the Workspaces (`hd`) whose accounts get in; never who somebody is. */
  emailDomains: z
    .array(z.string().regex(/^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'write a domain in lower case'))
    .default([]),
  /** Where the provider tells us who has left (RFC 7644), at `publicUrl/scim/v2`. Off unless set. */
  scim: z
    .strictObject({
      token: outerReference,
      /** Who says in which groups people are: SCIM, or the provider's tokens. Never both (decision 025). */
      groups: z.enum(['scim', 'token']).default('scim'),
    })
    .optional(),
  /**
   * A scope that the provider itself gives only to who signed in at most `maxAge` seconds ago: proof of a fresh sign-in where it sends
   * no `auth_time` (decision 043).
   */
  freshSignIn: z.strictObject({ scope: scopeName, maxAge: z.int().min(5).max(3600) }).optional(),
  /** By which claim of the ID token the provider says that the device is managed. */
  managedDevice: z
    .strictObject({ claim: z.string().min(1), values: z.array(z.union([z.string(), z.boolean()])).min(1) })
    .optional(),
  ...identityAssertionKeys(outerReference),
  ...revocationKeys(outerReference),
});

export type ProviderSettings = z.output<typeof providerSettings>;
