const OUTER = 'write env:NAME or file:PATH; the secret itself never belongs in this file';

/** What to write under `secretStores`. */
export const SECRET_STORES_GUIDE: readonly (readonly [pattern: string, text: string])[] = [
  [
    'secretStores',
    'name vault, awsSecretsManager or onePassword, for example { awsSecretsManager: { region: eu-central-1 } }',
  ],
  ['secretStores.vault', 'give it address and auth'],
  [
    'secretStores.vault.address',
    'write the https address of your Vault or OpenBao, for example https://vault.acme.example:8200',
  ],
  ['secretStores.vault.namespace', 'write the namespace that everything lies in, for example platform'],
  ['secretStores.vault.mount', 'write where KV version 2 is mounted, for example secret'],
  ['secretStores.vault.auth', 'write a method and its keys, for example { method: kubernetes, role: mcp-sso }'],
  ['secretStores.vault.auth.method', 'write token, approle, kubernetes or jwt'],
  ['secretStores.vault.auth.token', OUTER],
  ['secretStores.vault.auth.roleId', 'write the role id of the AppRole'],
  ['secretStores.vault.auth.secretId', OUTER],
  ['secretStores.vault.auth.role', 'write the name of the role'],
  ['secretStores.vault.auth.jwt', OUTER],
  ['secretStores.vault.auth.mount', 'write where the method is mounted, for example kubernetes'],
  ['secretStores.awsSecretsManager', 'write { region: eu-central-1 } with your region'],
  ['secretStores.awsSecretsManager.region', 'write a region, for example eu-central-1'],
  ['secretStores.onePassword', 'write { token: env:OP_SERVICE_ACCOUNT_TOKEN }'],
  ['secretStores.onePassword.token', OUTER],
];
