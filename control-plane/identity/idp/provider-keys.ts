import type { CustomFetch } from 'openid-client';
import { providerRequest } from './provider-request.js';

const FRESH_FOR = 15_000;
/** Longer than any short outage; a key that the provider withdrew is trusted no longer than this. */
const KEPT_FOR = 300_000;

/**
 * A provider's keys (RFC 7517 §5), read at most every 15 seconds however many tokens name unknown ones, and so never
 * older than that when a token is checked: a rotation there is noticed at once.
 */
export class ProviderKeys {
  #body = '';
  #readAt = 0;
  #running: Promise<void> | undefined;

  /** As `fetch`, for the address of the keys. Throws where they were never read and cannot be. */
  async fetch(...[url, options]: Parameters<CustomFetch>): Promise<Response> {
    if (Date.now() - this.#readAt >= FRESH_FOR) {
      this.#running ??= this.#read(url, options).finally(() => (this.#running = undefined));
      await this.#running.catch((error: unknown) => {
        if (Date.now() - this.#readAt >= KEPT_FOR) throw error;
      });
    }
    return new Response(this.#body, { headers: { 'content-type': 'application/json' } });
  }

  async #read(...request: Parameters<CustomFetch>): Promise<void> {
    const response = await providerRequest(...request);
    const body = await response.text();
    if (!response.ok) throw new Error(`the keys were answered with ${response.status}`);
    this.#body = body;
    this.#readAt = Date.now();
  }
}
