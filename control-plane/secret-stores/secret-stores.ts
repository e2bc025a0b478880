import { createHash } from 'node:crypto';
import { parseSecretReference, resolveSecret, SecretUnreadable } from '../config/secret-reference.js';
import type { LoadedConfig } from '../config/settings.js';
import type { StoreReference } from '../config/store-reference.js';
import { awsSecretsManager } from './aws-secrets-manager.js';
import { onePassword } from './one-password.js';
import type { StoredSecret } from './stored-secret.js';
import { VaultClient } from './vault-client.js';
import { readVaultSecret } from './vault-kv.js';

type StoreReferenceOf<S extends StoreReference['store']> = Extract<StoreReference, { readonly store: S }>;
type Configured = Pick<LoadedConfig, 'settings' | 'directory' | 'environment'>;

/** How long a value is used before it is asked for again (credentials): one that ends sooner is not used at all. */
const LEAST_LIFE_MS = 30_000;

/** The secret stores of one configuration, each signed in at its first use. */
export class SecretStores {
  #vault: VaultClient | undefined;
  #aws: ReturnType<typeof awsSecretsManager> | undefined;
  /** By the hash of the token, so that another one makes another client. */
  #onePassword: { readonly of: string; readonly read: ReturnType<typeof onePassword> } | undefined;

  constructor(private readonly config: Configured) {}

  /** @throws SecretUnreadable also for a value that is about to end; never names it. */
  async read(reference: StoreReference): Promise<string> {
    const { value, endsAt } = await this.#ask(reference);
    if (endsAt === undefined || endsAt - Date.now() > LEAST_LIFE_MS) return value;
    throw new SecretUnreadable(
      `the newest version ends at ${new Date(endsAt).toISOString()}`,
      'store a new version there',
    );
  }

  #ask(reference: StoreReference): Promise<StoredSecret> {
    if (reference.store === 'vault') return this.#askVault(reference);
    return reference.store === '1password' ? this.#askOnePassword(reference) : this.#askAws(reference);
  }

  async #askVault(reference: StoreReferenceOf<'vault'>): Promise<StoredSecret> {
    const { vault } = this.config.settings.secretStores;
    if (vault === undefined) throw unset('vault');
    this.#vault ??= new VaultClient({ settings: vault, read: (text) => outerSecret(text, this.config) });
    return await readVaultSecret(this.#vault, vault.mount, reference);
  }

  async #askAws(reference: StoreReferenceOf<'aws-secrets-manager'>): Promise<StoredSecret> {
    const { awsSecretsManager: aws } = this.config.settings.secretStores;
    if (aws === undefined) throw unset('awsSecretsManager');
    const read = await (this.#aws ??= awsSecretsManager(aws.region)).catch((error: unknown) => {
      this.#aws = undefined;
      throw error;
    });
    return await read(reference);
  }

  async #askOnePassword({ reference }: StoreReferenceOf<'1password'>): Promise<StoredSecret> {
    const { onePassword: account } = this.config.settings.secretStores;
    if (account === undefined) throw unset('onePassword');
    const read = await this.#account(await outerSecret(account.token, this.config));
    return await read(reference);
  }

  async #account(token: string): ReturnType<typeof onePassword> {
    const of = createHash('sha256').update(token).digest('hex');
    if (this.#onePassword?.of !== of) this.#onePassword = { of, read: onePassword(token) };
    const opened = this.#onePassword;
    return await opened.read.catch((error: unknown) => {
      if (this.#onePassword === opened) this.#onePassword = undefined;
      throw error;
    });
  }
}

const STORES = new WeakMap<Configured, SecretStores>();

/** One set of signed-in clients for each configuration. */
export function storesOf(config: Configured): SecretStores {
  const known = STORES.get(config) ?? new SecretStores(config);
  STORES.set(config, known);
  return known;
}

/** The value behind `env:` or `file:`, read anew. Throws SecretUnreadable. */
export async function outerSecret(
  text: string,
  { directory, environment }: Pick<LoadedConfig, 'directory' | 'environment'>,
): Promise<string> {
  const reference = parseSecretReference(text);
  if (!reference || reference.source === 'secret') {
    throw new SecretUnreadable('not a reference', 'write env:NAME or file:PATH');
  }
  return await resolveSecret(reference, directory, environment);
}

function unset(key: string): SecretUnreadable {
  return new SecretUnreadable('nothing says how to get into this store', `add secretStores.${key}`);
}
