import { Agent, request } from 'undici';
import { SecretUnreadable } from '../config/secret-reference.js';

const MOST_BYTES = 1_048_576;

export interface VaultRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below `/v1/`. */
  readonly path: string;
  readonly body?: object;
  readonly token?: string;
}

/** Resolves to the JSON of the answer. Rejects with VaultRefused or SecretUnreadable. */
export type VaultCall = (asked: VaultRequest) => Promise<unknown>;

/** An answer other than success, by its status alone: the texts of a Vault may name what was asked for. */
export class VaultRefused extends SecretUnreadable {
  constructor(readonly status: number) {
    const [message, fix] = REASONS[status] ?? [`the Vault answered with status ${status}`, 'look into its log'];
    super(message, fix, status === 404 ? 'absent' : 'unusable');
    this.name = 'VaultRefused';
  }
}

const REASONS: Readonly<Record<number, readonly [message: string, fix: string]>> = {
  400: ['the Vault refused what we sent', 'correct secretStores.vault, or the name of the key or secret'],
  403: ['the Vault refused us', 'correct secretStores.vault.auth, or give its policy the right to this path'],
  404: ['the Vault has nothing there', 'correct the path and the mount'],
  429: ['the Vault takes no more requests for now', 'raise its rate limit'],
  503: ['the Vault is sealed or in maintenance', 'unseal it'],
};

interface VaultAddress {
  readonly address: string;
  readonly namespace?: string | undefined;
  /** Milliseconds for the whole of a call. */
  readonly timeout: number;
}

/** The HTTP API of HashiCorp Vault and OpenBao: no redirects, one try, a bound on bytes and time. */
export function vaultHttp({ address, namespace, timeout }: VaultAddress): VaultCall {
  const dispatcher = new Agent({ connect: { timeout }, pipelining: 0, maxResponseSize: MOST_BYTES });
  const fixed = { 'x-vault-request': 'true', ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }) };
  return async ({ method, path, body, token }) => {
    const headers = {
      ...fixed,
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(token === undefined ? {} : { 'x-vault-token': token }),
    };
    const url = new URL(`/v1/${path}`, address);
    const asked = { dispatcher, method, headers, signal: AbortSignal.timeout(timeout) };
    const answer = await request(url, { ...asked, ...(body ? { body: JSON.stringify(body) } : {}) }).catch(unreached);
    answer.body.on('error', () => undefined);
    if (answer.statusCode < 200 || answer.statusCode > 299) {
      await answer.body.dump().catch(() => undefined);
      throw new VaultRefused(answer.statusCode);
    }
    return await answer.body.json().catch(unreached);
  };
}

function unreached(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  const name = error instanceof Error ? error.name : 'unknown';
  throw new SecretUnreadable(
    `the Vault cannot be asked (${code ?? name})`,
    'correct secretStores.vault.address, or bring it back',
  );
}
