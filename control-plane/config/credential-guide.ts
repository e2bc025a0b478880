const SECRET = 'write env:NAME, file:PATH or secret:NAME; the secret itself never belongs in this file';
const SCOPES = 'write a list of scopes, for example [mcp:read, mcp:write]';
const GROUP = 'write PROVIDER/GROUP, for example okta/engineering';

/** What to write in a credential, wherever it stands. */
const KEYS: readonly (readonly [key: string, text: string])[] = [
  [
    'kind',
    'write bearer, header, basic, query or cookie for a secret of the company; client-credentials, github-app or aws-sigv4 for its tokens; oauth, token-exchange, on-behalf-of, cross-app-access or user-assertion for the person’s own (docs/guides/credentials.md)',
  ],
  ['secret', SECRET],
  ['name', 'write the name of the header, cookie or query parameter that carries the secret'],
  ['username', 'write the user name that goes with the secret'],
  ['issuer', 'write the https issuer of the authorization server, for example https://login.acme.example'],
  ['authorizationEndpoint', 'write the https address of the authorization endpoint'],
  ['tokenEndpoint', 'write the https address of the token endpoint'],
  ['revocationEndpoint', 'write the https address of the revocation endpoint'],
  ['clientId', 'write the id of the client that you registered at the authorization server'],
  ['clientSecret', SECRET],
  ['privateKey', 'write env:NAME, file:PATH or secret:NAME of a private key (PEM or JWK)'],
  ['scopes', SCOPES],
  ['scopes.*', 'write one scope, without blanks and quotes'],
  ['resource', 'write the address that the token is for, or none; without it, it is the server’s url'],
  ['audience', 'write the audience that the authorization server or the server expects'],
  ['parameters', 'write further parameters of the sign-in, for example { access_type: offline }'],
  ['parameters.*', 'write a text; put numbers in quotes'],
  ['variable', 'write the variable of the hosted server’s environment that gets the token, for example GITHUB_TOKEN'],
  ['subjectToken', 'write access-token or id-token'],
  ['header', 'write the name of the header that the server reads the assertion from'],
  ['claims', 'write a list of email, name and groups'],
  ['claims.*', 'write email, name or groups'],
  ['appId', 'write the id of the GitHub App'],
  ['installationId', 'write the number of the installation, as in the address of its settings page'],
  ['repositories', 'write a list of names of repositories, for example [website]'],
  ['repositories.*', 'write the name of a repository, without its owner'],
  ['api', 'write the address of the GitHub API, for example https://github.acme.example/api/v3'],
  ['region', 'write a region, for example eu-central-1'],
  ['service', 'write the service’s signing name, for example execute-api'],
  ['accessKeyId', SECRET],
  ['secretAccessKey', SECRET],
  ['sessionToken', SECRET],
];

/** What to write under `credential`, `credentialFor` and beside them. */
export const CREDENTIAL_GUIDE: readonly (readonly [pattern: string, text: string])[] = [
  ['servers.*.credential', 'write a kind and its keys, for example { kind: bearer, secret: env:CRM_TOKEN }'],
  ...KEYS.map(([key, text]) => [`servers.*.credential.${key}`, text] as const),
  [
    'servers.*.credentialFor',
    'write a list such as [{ groups: [okta/engineering], credential: { kind: oauth } }]; everyone else gets credential',
  ],
  ['servers.*.credentialFor.*', 'give it groups and a credential'],
  ['servers.*.credentialFor.*.groups', 'write a list of groups, for example [okta/engineering]'],
  ['servers.*.credentialFor.*.groups.*', GROUP],
  [
    'servers.*.credentialFor.*.credential',
    'write a kind and its keys, for example { kind: bearer, secret: env:CRM_TOKEN }',
  ],
  ...KEYS.map(([key, text]) => [`servers.*.credentialFor.*.credential.${key}`, text] as const),
  ['servers.*.tools.*.scopes', SCOPES],
  ['servers.*.tools.*.scopes.*', 'write one scope, without blanks and quotes'],
  ['privateNetworks', 'write a list of networks of the company, for example [10.0.0.0/8]'],
  ['privateNetworks.*', 'write a network in CIDR form, for example 10.0.0.0/8'],
];
