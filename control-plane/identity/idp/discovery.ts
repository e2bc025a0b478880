import { setTimeout as delay } from 'node:timers/promises';
import * as oidc from 'openid-client';
import { CodedError } from '#shared/errors.js';

const REUSED_FOR = 3_600_000;
const TIMEOUT_SECONDS = 10;
const SECOND_TRY_AFTER = 250;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

export interface ProviderClient {
  readonly issuer: string;
  readonly clientId: string;
  /** Read at each discovery, so that a rotated secret is taken up. */
  readonly clientSecret: () => Promise<string>;
}

/**
 * The provider's metadata (OpenID Connect Discovery §4), read when first needed and once an hour. After a failure
 * nobody waits for the network again until a growing pause is over; metadata that we have outlives an outage.
 */
export class Discovery {
  #known: { readonly configuration: oidc.Configuration; readonly readAt: number } | undefined;
  #running: Promise<oidc.Configuration> | undefined;
  #pause = FIRST_PAUSE;
  #pausedUntil = 0;
  #lastError: unknown;

  constructor(private readonly client: ProviderClient) {}

  /** Throws `idp_unreachable`, or `sign_in_failed` where the provider names itself otherwise than configured. */
  async configuration(): Promise<oidc.Configuration> {
    if (this.#known && Date.now() - this.#known.readAt < REUSED_FOR) return this.#known.configuration;
    if (Date.now() < this.#pausedUntil) return this.#lastKnown();
    this.#running ??= this.#read().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #read(): Promise<oidc.Configuration> {
    try {
      const configuration = await discoverTwice(this.client);
      this.#known = { configuration, readAt: Date.now() };
      this.#pause = FIRST_PAUSE;
      return configuration;
    } catch (error) {
      this.#lastError = error;
      this.#pausedUntil = Date.now() + this.#pause;
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
      return this.#lastKnown();
    }
  }

  #lastKnown(): oidc.Configuration {
    if (this.#known) return this.#known.configuration;
    if (this.#lastError instanceof CodedError) throw this.#lastError;
    throw new CodedError('idp_unreachable', { cause: this.#lastError });
  }
}

async function discoverTwice(client: ProviderClient): Promise<oidc.Configuration> {
  try {
    return await discover(client);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    await delay(SECOND_TRY_AFTER);
    return discover(client);
  }
}

/** `client_secret_post`: two real servers refuse the percent-encoding that RFC 6749 §2.3.1 wants in Basic. */
async function discover({ issuer, clientId, clientSecret }: ProviderClient): Promise<oidc.Configuration> {
  const url = new URL(issuer);
  const execute: ((configuration: oidc.Configuration) => void)[] = [];
  if (url.protocol === 'http:') {
    if (!LOOPBACK.has(url.hostname)) throw plainHttp(issuer);
    execute.push(oidc.allowInsecureRequests);
  }
  const authentication = oidc.ClientSecretPost(await clientSecret());
  const configuration = await oidc.discovery(url, clientId, undefined, authentication, {
    execute,
    timeout: TIMEOUT_SECONDS,
  });
  const named = configuration.serverMetadata().issuer;
  if (named === issuer) return configuration;
  throw new CodedError('sign_in_failed', {
    message: `The identity provider calls itself ${named}, but the configuration says ${issuer}. Ask your administrator to correct identity.providers.*.issuer.`,
  });
}

function plainHttp(issuer: string): CodedError {
  return new CodedError('sign_in_failed', {
    message: `The identity provider ${issuer} is configured without https. Ask your administrator to correct it.`,
  });
}
