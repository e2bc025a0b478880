import { setTimeout as delay } from 'node:timers/promises';
import * as oidc from 'openid-client';
import { CodedError } from '#shared/errors.js';
import { clientAuthentication, type ClientCredential } from './client-authentication.js';
import type { Ways } from './presets.js';
import { ProviderKeys } from './provider-keys.js';
import { providerRequest } from './provider-request.js';

const REUSED_FOR = 3_600_000;
const TIMEOUT_SECONDS = 10;
const SECOND_TRY_AFTER = 250;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

export interface ProviderClient {
  readonly issuer: string;
  readonly clientId: string;
  readonly credential: ClientCredential;
  readonly ways: Ways;
}

interface Known {
  readonly metadata: oidc.ServerMetadata;
  readonly authentication: oidc.ClientAuth;
  readonly readAt: number;
}

/**
 * The provider's metadata (OpenID Connect Discovery §4), read when first needed and once an hour. After a failure
 * nobody waits for the network again until a growing pause is over; metadata that we have outlives an outage.
 */
export class Discovery {
  readonly #keys = new ProviderKeys();
  #known: Known | undefined;
  #running: Promise<Known> | undefined;
  #pause = FIRST_PAUSE;
  #pausedUntil = 0;
  #lastError: unknown;

  constructor(private readonly client: ProviderClient) {}

  /**
   * One for each use, since openid-client keeps keys for a minute with it, and a rotation would go unnoticed.
   * Throws `idp_unreachable`, or `sign_in_failed` where the provider names itself otherwise than configured.
   */
  async configuration(): Promise<oidc.Configuration> {
    const { metadata, authentication } = await this.#current();
    const configuration = new oidc.Configuration(metadata, this.client.clientId, undefined, authentication);
    configuration.timeout = TIMEOUT_SECONDS;
    configuration[oidc.customFetch] = (url, options) =>
      url === metadata.jwks_uri ? this.#keys.fetch(url, options) : providerRequest(url, options);
    for (const execute of executed(this.client.issuer)) execute(configuration);
    return configuration;
  }

  async #current(): Promise<Known> {
    if (this.#known && Date.now() - this.#known.readAt < REUSED_FOR) return this.#known;
    if (Date.now() < this.#pausedUntil) return this.#lastKnown();
    this.#running ??= this.#read().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #read(): Promise<Known> {
    try {
      const authentication = await clientAuthentication(this.client.credential, this.client.ways);
      const metadata = await discoverTwice(this.client);
      this.#known = { metadata, authentication, readAt: Date.now() };
      this.#pause = FIRST_PAUSE;
      return this.#known;
    } catch (error) {
      this.#lastError = error;
      this.#pausedUntil = Date.now() + this.#pause;
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
      return this.#lastKnown();
    }
  }

  #lastKnown(): Known {
    if (this.#known) return this.#known;
    if (this.#lastError instanceof CodedError) throw this.#lastError;
    throw new CodedError('idp_unreachable', { cause: this.#lastError });
  }
}

async function discoverTwice(client: ProviderClient): Promise<oidc.ServerMetadata> {
  try {
    return await discover(client);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    await delay(SECOND_TRY_AFTER);
    return discover(client);
  }
}

async function discover({ issuer, clientId }: ProviderClient): Promise<oidc.ServerMetadata> {
  const options = { execute: executed(issuer), timeout: TIMEOUT_SECONDS };
  const configuration = await oidc.discovery(new URL(issuer), clientId, undefined, oidc.None(), options);
  const { supportsPKCE: _, ...metadata } = configuration.serverMetadata();
  if (metadata.issuer === issuer) return metadata;
  throw new CodedError('sign_in_failed', {
    message: `The identity provider calls itself ${metadata.issuer}, but the configuration says ${issuer}. Ask your administrator to correct identity.providers.*.issuer.`,
  });
}

function executed(issuer: string): ((configuration: oidc.Configuration) => void)[] {
  const url = new URL(issuer);
  if (url.protocol !== 'http:') return [oidc.enableNonRepudiationChecks];
  if (!LOOPBACK.has(url.hostname)) throw plainHttp(issuer);
  return [oidc.enableNonRepudiationChecks, oidc.allowInsecureRequests];
}

function plainHttp(issuer: string): CodedError {
  return new CodedError('sign_in_failed', {
    message: `The identity provider ${issuer} is configured without https. Ask your administrator to correct it.`,
  });
}
