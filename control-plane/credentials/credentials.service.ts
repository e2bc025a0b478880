import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { CodedError, errorText } from '#shared/errors.js';
import { CONFIG } from '../config/config.module.js';
import { SecretUnreadable } from '../config/secret-reference.js';
import {
  isHosted,
  type CredentialSettings,
  type HostedSettings,
  type LoadedConfig,
  type ServerSettings,
  type Settings,
} from '../config/settings.js';
import { StorageService } from '../storage/storage.service.js';
import { credentialObjections } from './check-credential.js';
import { chooseCredential, isForSomeOnly } from './choose-credential.js';
import type { CredentialResolver, CredentialScope } from './credential-scope.js';
import { hostedInjection } from './hosted.js';
import { NO_INJECTION, type Injection } from './injection.js';
import { inject, isStatic, type StaticCredential } from './kinds/inject.js';
import { readContent, readSecret } from './secret-source.js';
import { usableSecret } from './secret-value.js';
import { storeSecret } from './vault/vault.js';

/** How long a resolved credential is used before it is read again; what was rotated acts within it. */
const CACHE_MS = 30_000;
const SECRET_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

interface Cached {
  readonly injection: Promise<Injection>;
  readonly until: number;
}

/** Brings the credential for a server into the one request that needs it: the company's, or the person's own. */
@Injectable()
export class CredentialsService {
  /** By the credential, or the hosted server, as one revision of the catalog has it: what changed there is read anew. */
  #cache = new WeakMap<StaticCredential | HostedSettings, Cached>();

  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(StorageService) private readonly storage: StorageService,
  ) {}

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
   * Stores the next version of a secret in the encrypted store; it acts on the next call.
   * @throws CodedError usage for a name or a value that can't be a secret.
   */
  async setSecret(name: string, value: string): Promise<{ version: number }> {
    if (!SECRET_NAME.test(name)) {
      throw new CodedError('usage', {
        message: 'A secret’s name has up to 64 lower-case letters, digits and dashes, as in secret:crm-key.',
      });
    }
    const version = await storeSecret(this.storage, name, storable(value));
    this.#cache = new WeakMap();
    return { version };
  }

  async #resolve({ server, session }: CredentialScope, settings: ServerSettings): Promise<Injection> {
    if (isHosted(settings)) return await this.#kept(server, settings, () => this.#hosted(server, settings));
    const credential = chooseCredential(settings, session.groups);
    if (credential !== undefined) return await this.#opening(server, settings, credential);
    if (isForSomeOnly(settings)) throw unavailable(server, 'none of credentialFor is for the groups of this person');
    return NO_INJECTION;
  }

  /** A secret that was replaced since it was read may be the one that the server takes. */
  async #renew(scope: CredentialScope, settings: ServerSettings, refused: Injection): Promise<Injection | undefined> {
    const key = isHosted(settings) ? settings : chooseCredential(settings, scope.session.groups);
    if (key !== undefined && (isHosted(settings) || isStatic(key as CredentialSettings))) {
      this.#cache.delete(key as StaticCredential);
    }
    const renewed = await this.#resolve(scope, settings);
    return isDeepStrictEqual(renewed.secrets, refused.secrets) ? undefined : renewed;
  }

  #opening(server: string, { url }: ServerSettings, credential: CredentialSettings): Promise<Injection> {
    if (!isStatic(credential))
      throw unavailable(server, `this version has no credential of the kind ${credential.kind}`);
    return this.#kept(server, credential, async () => {
      const [objection] = credentialObjections(credential, url ?? '');
      if (objection !== undefined) {
        throw unavailable(server, `${objection.key}: ${objection.message}; ${objection.fix}`);
      }
      return inject(`${server}/${credential.kind}`, credential, await this.#value(credential.secret));
    });
  }

  #hosted(server: string, settings: HostedSettings): Promise<Injection> {
    const { config, storage } = this;
    const content = (text: string): Promise<string> => readContent(text, config, storage);
    return hostedInjection(server, settings, { value: (text) => this.#value(text), content });
  }

  #value(reference: string): Promise<string> {
    return readSecret(reference, this.config, this.storage);
  }

  async #kept(
    server: string,
    key: StaticCredential | HostedSettings,
    read: () => Promise<Injection>,
  ): Promise<Injection> {
    const cached = this.#cache.get(key);
    if (cached !== undefined && Date.now() < cached.until) return await cached.injection;
    const injection = readable(server, read);
    const entry = { injection, until: Date.now() + CACHE_MS };
    this.#cache.set(key, entry);
    // A failure is never remembered: the next call tries again.
    injection.catch(() => {
      if (this.#cache.get(key) === entry) this.#cache.delete(key);
    });
    return await injection;
  }
}

async function readable(server: string, read: () => Promise<Injection>): Promise<Injection> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw unavailable(server, error instanceof SecretUnreadable ? `${error.message}; ${error.fix}` : errorText(error));
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

function unavailable(server: string, why: string): CodedError {
  return new CodedError('credential_unavailable', { detail: `servers.${server}.credential: ${why}` });
}
