import { Inject, Injectable } from '@nestjs/common';
import { CodedError, errorText } from '#shared/errors.js';
import { CONFIG } from '../config/config.module.js';
import { SecretUnreadable } from '../config/secret-reference.js';
import { isHosted, type LoadedConfig, type ServerSettings, type Settings } from '../config/settings.js';
import { StorageService } from '../storage/storage.service.js';
import { credentialObjections } from './check-credential.js';
import { hostedInjection } from './hosted.js';
import { NO_INJECTION, type Injection } from './injection.js';
import { inject } from './kinds/inject.js';
import { readContent, readSecret } from './secret-source.js';
import { usableSecret } from './secret-value.js';
import { storeSecret } from './vault/vault.js';

/** How long a resolved credential is used before it is read again; what was rotated acts within it. */
const CACHE_MS = 30_000;
const SECRET_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

export interface CredentialResolver {
  /**
   * What to add to a request to this server; NO_INJECTION where it needs nothing.
   * @throws CodedError credential_unavailable; its `detail` says which reference failed and what to do, no values.
   */
  resolve(server: string): Promise<Injection>;
}

interface Cached {
  readonly injection: Promise<Injection>;
  readonly until: number;
}

/** Brings the company's credential for a server into the one request that needs it. */
@Injectable()
export class CredentialsService {
  /** By the server's settings as one revision of the catalog has them: what changed there is read anew. */
  #cache = new WeakMap<ServerSettings, Cached>();

  constructor(
    @Inject(CONFIG) private readonly config: LoadedConfig,
    @Inject(StorageService) private readonly storage: StorageService,
  ) {}

  /** The credentials of one revision of the catalog: they go to its servers and to no other's. */
  at(servers: Settings['servers']): CredentialResolver {
    return { resolve: (server) => this.#resolve(server, Object.hasOwn(servers, server) ? servers[server] : undefined) };
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

  async #resolve(server: string, settings: ServerSettings | undefined): Promise<Injection> {
    if (settings === undefined) throw unavailable(server, 'there is no such server in the settings');
    if (settings.credential === undefined && !isHosted(settings)) return NO_INJECTION;
    const cached = this.#cache.get(settings);
    if (cached !== undefined && Date.now() < cached.until) return cached.injection;
    return this.#refresh(server, settings);
  }

  #refresh(server: string, settings: ServerSettings): Promise<Injection> {
    const injection = this.#read(server, settings);
    const entry = { injection, until: Date.now() + CACHE_MS };
    this.#cache.set(settings, entry);
    // A failure is never remembered: the next call tries again.
    injection.catch(() => {
      if (this.#cache.get(settings) === entry) this.#cache.delete(settings);
    });
    return injection;
  }

  async #read(server: string, settings: ServerSettings): Promise<Injection> {
    try {
      return await this.#injection(server, settings);
    } catch (error) {
      if (error instanceof CodedError) throw error;
      throw unavailable(
        server,
        error instanceof SecretUnreadable ? `${error.message}; ${error.fix}` : errorText(error),
      );
    }
  }

  async #injection(server: string, settings: ServerSettings): Promise<Injection> {
    const { config, storage } = this;
    const value = (reference: string): Promise<string> => readSecret(reference, config, storage);
    if (isHosted(settings)) {
      return hostedInjection(server, settings, { value, content: (text) => readContent(text, config, storage) });
    }
    const { credential, url } = settings;
    if (credential === undefined || url === undefined) return NO_INJECTION;
    const [objection] = credentialObjections(credential, url);
    if (objection !== undefined) throw unavailable(server, `${objection.key}: ${objection.message}; ${objection.fix}`);
    return inject(`${server}/${credential.kind}`, credential, await value(credential.secret));
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
