import type { ClientMetadata } from 'oidc-provider';
import { CodedError } from '#shared/errors.js';
import type { ServiceAccountSettings } from '../../config/machine-settings.js';
import { readPublicKeys, type KeyReferences } from '../../config/public-keys.js';
import { parseSecretReference, resolveSecret } from '../../config/secret-reference.js';
import type { LoadedConfig } from '../../config/settings.js';
import { GRANT_TYPES } from '../grants/grant-types.js';
import { clientIdOf } from './service-accounts.js';

/** The clients that the settings name beside our own. Their keys and secrets are read once, at the start. */
export type MachineClients = readonly ClientMetadata[];
export const MACHINE_CLIENTS = Symbol('machine clients');

const NO_REDIRECT = {
  application_type: 'web',
  redirect_uris: [],
  response_types: [],
  id_token_signed_response_alg: 'ES256',
} satisfies Partial<ClientMetadata>;

export async function machineClients(config: LoadedConfig): Promise<MachineClients> {
  const { serviceAccounts, providers } = config.settings.identity;
  const accounts = Object.entries(serviceAccounts).map(([name, account]) => accountClient(name, account, config));
  const named = Object.values(providers).flatMap(({ identityAssertions }) =>
    Object.entries(identityAssertions?.clients ?? {}),
  );
  const bringers = named.map(([clientId, proof]) => assertionClient(clientId, proof, config));
  return Promise.all([...accounts, ...bringers]);
}

async function accountClient(
  name: string,
  { privateKeyJwt }: ServiceAccountSettings,
  config: LoadedConfig,
): Promise<ClientMetadata> {
  return {
    ...NO_REDIRECT,
    client_id: clientIdOf(name),
    grant_types: [privateKeyJwt ? GRANT_TYPES.clientCredentials : GRANT_TYPES.jwtBearer, GRANT_TYPES.tokenExchange],
    ...(privateKeyJwt ? await keysOf(privateKeyJwt, config) : { token_endpoint_auth_method: 'none' as const }),
  };
}

async function assertionClient(
  clientId: string,
  { clientSecret, ...keys }: KeyReferences & { readonly clientSecret?: string | undefined },
  config: LoadedConfig,
): Promise<ClientMetadata> {
  return {
    ...NO_REDIRECT,
    client_id: clientId,
    grant_types: [GRANT_TYPES.jwtBearer],
    ...(clientSecret === undefined ? await keysOf(keys, config) : await secretOf(clientSecret, config)),
  };
}

async function keysOf(references: KeyReferences, { directory, environment }: LoadedConfig) {
  const keys = await readPublicKeys(references, directory, environment);
  return { token_endpoint_auth_method: 'private_key_jwt' as const, jwks: { keys: [...keys] } };
}

async function secretOf(text: string, { directory, environment }: LoadedConfig) {
  const reference = parseSecretReference(text);
  if (!reference || reference.source === 'secret') throw new CodedError('config_invalid', { detail: 'clientSecret' });
  const secret = await resolveSecret(reference, directory, environment);
  return { token_endpoint_auth_method: 'client_secret_post' as const, client_secret: secret };
}
