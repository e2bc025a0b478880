import { z } from 'zod';
import { secretReference } from './reference-form.js';

/** RFC 6749 §3.3. */
export const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/;
export const GITHUB_PERMISSION = /^[a-z_]+:(read|write|admin)$/;
const scope = z.string().regex(SCOPE, 'write one scope, without blanks and quotes');
const scopes = z.array(scope).max(64);
const endpoint = z.url({ protocol: /^https?$/, error: 'write an https address' });

/** How a hosted server gets a token: by a variable of its environment. */
const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'use letters, digits and underscores')
  .optional();

/** Ourselves as a client of an authorization server: a secret, or a key for `private_key_jwt` (RFC 7523 §2.2). */
const client = {
  clientId: z.string().min(1),
  clientSecret: secretReference.optional(),
  privateKey: secretReference.optional(),
} as const;

/** Where tokens are asked for: by the issuer's metadata (RFC 8414, OpenID Connect Discovery), or at a fixed address. */
const tokenServer = { issuer: endpoint.optional(), tokenEndpoint: endpoint.optional() } as const;

/** What the token is to be for. `resource` (RFC 8707) is the server's url unless set; `none` leaves it out. */
const aim = {
  resource: z.union([z.literal('none'), z.url()]).optional(),
  audience: z.string().min(1).optional(),
} as const;

/** Every credential that a server may have: the company's, or the person's own. */
const KINDS = [
  z.strictObject({ kind: z.literal('bearer'), secret: secretReference }),
  z.strictObject({ kind: z.literal('header'), name: z.string().min(1), secret: secretReference }),
  z.strictObject({ kind: z.literal('basic'), username: z.string().min(1), secret: secretReference }),
  z.strictObject({ kind: z.literal('query'), name: z.string().min(1), secret: secretReference }),
  z.strictObject({ kind: z.literal('cookie'), name: z.string().min(1), secret: secretReference }),
  /** RFC 6749 §4.4. */
  z.strictObject({
    kind: z.literal('client-credentials'),
    ...tokenServer,
    ...client,
    scopes: scopes.default([]),
    ...aim,
    variable,
  }),
  /** The person's own account at the server, connected once on our page (authorization code, PKCE). */
  z.strictObject({
    kind: z.literal('oauth'),
    /** Not set: the server's own metadata says it (RFC 9728). */
    issuer: endpoint.optional(),
    /** For an authorization server that publishes no metadata. */
    authorizationEndpoint: endpoint.optional(),
    tokenEndpoint: endpoint.optional(),
    revocationEndpoint: endpoint.optional(),
    /** Not set: by our metadata document where the server takes those, else registered there (RFC 7591). */
    clientId: z.string().min(1).optional(),
    clientSecret: secretReference.optional(),
    privateKey: secretReference.optional(),
    /** Not set: those that the server asks for. */
    scopes: scopes.optional(),
    resource: aim.resource,
    /** Further parameters of the authorization request, such as `access_type: offline`. */
    parameters: z.record(z.string(), z.string()).default({}),
    variable,
  }),
  /** RFC 8693, with the person's token of the company's identity provider as the subject. */
  z.strictObject({
    kind: z.literal('token-exchange'),
    ...tokenServer,
    ...client,
    subjectToken: z.enum(['access-token', 'id-token']).default('access-token'),
    scopes: scopes.default([]),
    ...aim,
    variable,
  }),
  /** Microsoft Entra ID: the OAuth 2.0 on-behalf-of flow. */
  z.strictObject({ kind: z.literal('on-behalf-of'), ...tokenServer, ...client, scopes: scopes.min(1), variable }),
  /** An identity assertion of the company's identity provider (ID-JAG), for servers that accept it. */
  z.strictObject({
    kind: z.literal('cross-app-access'),
    ...tokenServer,
    ...client,
    scopes: scopes.default([]),
    resource: aim.resource,
    variable,
  }),
  /** A short token that we sign ourselves and that names the person; the server checks it by our published keys. */
  z.strictObject({
    kind: z.literal('user-assertion'),
    header: z.string().min(1).default('Mcp-Sso-Assertion'),
    /** Not set: the server's url. */
    audience: z.string().min(1).optional(),
    /** What it says of the person beside the stable identifier. */
    claims: z.array(z.enum(['email', 'name', 'groups'])).default([]),
  }),
  z.strictObject({
    kind: z.literal('github-app'),
    appId: z.union([z.string().min(1), z.int().positive()]).transform(String),
    installationId: z.int().positive(),
    privateKey: secretReference,
    /** Names of repositories; not set: all of the installation. */
    repositories: z.array(z.string().min(1)).min(1).max(500).optional(),
    /** `contents:read`; not set: all that the installation has. */
    scopes: z.array(z.string().regex(GITHUB_PERMISSION, 'write permission:read or permission:write')).default([]),
    api: endpoint.default('https://api.github.com'),
    variable,
  }),
  z.strictObject({
    kind: z.literal('aws-sigv4'),
    region: z.string().regex(/^[a-z0-9-]{2,32}$/, 'write a region such as eu-central-1'),
    service: z.string().regex(/^[a-z0-9-]{2,64}$/, 'write the service’s signing name, such as execute-api'),
    accessKeyId: secretReference,
    secretAccessKey: secretReference,
    sessionToken: secretReference.optional(),
  }),
] as const;

export const credentialSettings = z.discriminatedUnion('kind', KINDS);

/** Another credential for people of some groups; the first entry that names one of theirs counts. */
export const groupCredential = z.strictObject({
  groups: z.array(z.string().regex(/^[a-z0-9][a-z0-9-]*\/.+$/, 'write <provider>/<group>')).min(1),
  credential: credentialSettings,
});

export type CredentialSettings = z.output<typeof credentialSettings>;
export type CredentialKind = CredentialSettings['kind'];
export type CredentialOf<K extends CredentialKind> = Extract<CredentialSettings, { readonly kind: K }>;

/** Kinds whose token may have fewer scopes for one tool than for another. */
export const SCOPED_KINDS: readonly CredentialKind[] = [
  'client-credentials',
  'oauth',
  'token-exchange',
  'on-behalf-of',
  'cross-app-access',
  'github-app',
];

/** Kinds of which every sign-in has its own, so that one process could not serve all of them. */
export const PERSONAL_KINDS: readonly CredentialKind[] = [
  'oauth',
  'token-exchange',
  'on-behalf-of',
  'cross-app-access',
];
