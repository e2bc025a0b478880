import { SecretUnreadable } from '../config/secret-reference.js';
import { optionalPackage } from './optional-package.js';
import type { StoredSecret } from './stored-secret.js';

/** Who asks, as 1Password's log shows it. */
const INTEGRATION = { integrationName: 'mcp-sso', integrationVersion: 'v1' };

/**
 * A field that a service account may read (https://developer.1password.com/docs/sdks/load-secrets).
 * Throws SecretUnreadable.
 */
export async function onePassword(token: string): Promise<(reference: string) => Promise<StoredSecret>> {
  const { createClient } = await optionalPackage('@1password/sdk', () => import('@1password/sdk'));
  const client = await createClient({ auth: token, ...INTEGRATION }).catch(() => {
    throw new SecretUnreadable(
      '1Password refused our service account',
      'put the token of a service account where secretStores.onePassword.token points',
    );
  });
  return async (reference) => {
    const value = await client.secrets.resolve(reference).catch(() => {
      throw new SecretUnreadable(
        '1Password gives nothing for this reference',
        'correct it, and let the service account read that vault',
      );
    });
    return { value };
  };
}
