import { Inject, Injectable } from '@nestjs/common';
import { CodedError } from '#shared/errors.js';
import { CONFIG } from '../config/config.module.js';
import type { CredentialSettings } from '../config/credential-settings.js';
import { SecretUnreadable } from '../config/secret-reference.js';
import { isHosted, type LoadedConfig, type ServerSettings, type Settings } from '../config/settings.js';
import { guardedFetch } from '../egress/guarded-fetch.js';
import type { SubjectTokens } from '../identity/subject-tokens.js';
import { StorageService } from '../storage/storage.service.js';
import { UserAssertions } from './assertions/user-assertions.js';
import { chooseCredential, isForSomeOnly } from './choose-credential.js';
import { ConnectionsService } from './connections/connections.service.js';
import type { Asked, KindOfCredential, KindsOfCredentials } from './credential-kind.js';
import type { CredentialResolver, CredentialScope } from './credential-scope.js';
import { hostedInjection, withToken } from './hosted.js';
import { NO_INJECTION, type Injection } from './injection.js';
import { KeptInjections } from './kept-injections.js';
import { kindsOfCredentials } from './kinds-of-credentials.js';
import { requireFitting } from './require-fitting.js';
import { secretReaders, type SecretReaders } from './secret-source.js';
import { usableSecret } from './secret-value.js';
import { readable, unavailable } from './unavailable.js';
import { listSecrets, type ListedSecret } from './vault/secret-list.js';
import { retireSecret, storeSecret } from './vault/vault.js';

const SECRET_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** Brings the credential for a server into the one request that needs it: the company's, or the person's own. */
@Injectable()
export class CredentialsService {
  readonly #kept = new KeptInjections();
  readonly #read: SecretReaders;
  readonly #kindsFor: (people: SubjectTokens | undefined) => KindsOfCredentials;
  #kinds: KindsOfCredentials;

  constructor(
    @Inject(CONFIG) config: LoadedConfig,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(ConnectionsService) connections: Pick<ConnectionsService, 'tokenFor'>,
    @Inject(UserAssertions) assertions: Pick<UserAssertions, 'open'>,
  ) {
    this.#read = secretReaders(config, storage);
    const send = guardedFetch(config.settings);
    const parts = { read: this.#read, kept: this.#kept, send, connections, assertions };
    this.#kindsFor = (people) => kindsOfCredentials({ ...parts, people });
    this.#kinds = this.#kindsFor(undefined);
  }

  /** From here on, people who are signed in have tokens that are made from their sign-ins. */
  serve(people: SubjectTokens): void {
    this.#kinds = this.#kindsFor(people);
  }

  /** The credentials of one revision of the catalog: they go to its servers and to no other's. */
  at(servers: Settings['servers']): CredentialResolver {
    const settingsOf = (server: string): ServerSettings => {
      const settings = Object.hasOwn(servers, server) ? servers[server] : undefined;
      if (settings === undefined) throw unavailable(server, 'there is no such server in the settings');
      return settings;
    };
    return {
      resolve: async (scope) => await this.#resolve(scope, settingsOf(scope.server)),
      renew: async (scope, refused) => await this.#renew(scope, settingsOf(scope.server), refused),
    };
  }

  /**
   * Stores the next version of a secret in the encrypted store; it acts on the next call. `expiresAt`: epoch milliseconds.
   * @throws CodedError usage for a name or a value that can't be a secret.
   */
  async setSecret(name: string, value: string, expiresAt: number | null = null): Promise<{ version: number }> {
    if (!SECRET_NAME.test(name)) {
      throw new CodedError('usage', {
        message: 'A secret’s name has up to 64 lower-case letters, digits and dashes, as in secret:crm-key.',
      });
    }
    const version = await storeSecret(this.storage, name, storable(value), expiresAt);
    this.#kept.forgetAll();
    return { version };
  }

  /**
   * Uses a version of a secret, or all of them, no more: here at the next call, at other control planes within 30 s.
   * @throws CodedError usage where there is none.
   */
  async retireSecret(name: string, version?: number): Promise<readonly number[]> {
    const versions = await retireSecret(this.storage, name, version);
    this.#kept.forgetAll();
    return versions;
  }

  /** Every version of every secret in the encrypted store, without what they hold. */
  async listSecrets(): Promise<readonly ListedSecret[]> {
    return await listSecrets(this.storage);
  }

  async #resolve(scope: CredentialScope, settings: ServerSettings): Promise<Injection> {
    const { server, session } = scope;
    const credential = chooseCredential(settings, session.groups);
    if (credential === undefined && isForSomeOnly(settings)) {
      throw unavailable(server, 'none of credentialFor is for the groups of this person');
    }
    const opening = credential && (await this.#open({ ...scope, settings, credential }));
    if (!isHosted(settings)) return opening ?? NO_INJECTION;
    const read = (): Promise<Injection> => hostedInjection(server, settings, this.#read);
    const own = await readable(server, () => this.#kept.of(settings, read));
    return opening === undefined ? own : withToken(own, opening);
  }

  /** A secret that was replaced since it was read may be the one that the server takes. */
  async #renew(scope: CredentialScope, settings: ServerSettings, refused: Injection): Promise<Injection | undefined> {
    this.#kept.forget(settings);
    const credential = chooseCredential(settings, scope.session.groups);
    if (credential) this.#kindOf(credential)?.forget?.({ ...scope, settings, credential }, refused);
    const renewed = await this.#resolve(scope, settings);
    // What was refused may hold earlier secrets too, which stay masked.
    return renewed.secrets.every((secret) => refused.secrets.includes(secret)) ? undefined : renewed;
  }

  async #open(asked: Asked<CredentialSettings>): Promise<Injection> {
    const { server, credential } = asked;
    const kind = this.#kindOf(credential);
    if (kind === undefined) {
      throw unavailable(server, `this version has no credential of the kind ${credential.kind}`);
    }
    requireFitting(asked);
    return await readable(server, () => kind.open(asked), credential.kind);
  }

  #kindOf({ kind }: CredentialSettings): KindOfCredential<CredentialSettings> | undefined {
    return this.#kinds[kind];
  }
}

function storable(value: string): string {
  try {
    return usableSecret(value, 'the value');
  } catch (error) {
    if (!(error instanceof SecretUnreadable)) throw error;
    throw new CodedError('usage', {
      message: `This cannot be stored as a secret: ${error.message}. To do: ${error.fix}.`,
    });
  }
}
