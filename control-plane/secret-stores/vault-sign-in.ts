import { z } from 'zod';
import { SecretUnreadable } from '../config/secret-reference.js';
import type { VaultSettings } from '../config/secret-store-settings.js';
import type { VaultCall } from './vault-http.js';

/** A token of a Vault or OpenBao. Times are epoch milliseconds; `endsAt` is null for one that never ends. */
export interface VaultToken {
  readonly value: string;
  readonly renewable: boolean;
  readonly takenAt: number;
  readonly endsAt: number | null;
}

const authSchema = z.object({
  auth: z.object({ client_token: z.string().min(1), lease_duration: z.number().min(0), renewable: z.boolean() }),
});
const lookupSchema = z.object({ data: z.object({ ttl: z.number().min(0), renewable: z.boolean().optional() }) });

interface SignIn {
  readonly auth: VaultSettings['auth'];
  readonly call: VaultCall;
  /** The value behind `env:` or `file:`, read anew. */
  readonly read: (reference: string) => Promise<string>;
  readonly now: () => number;
}

/** Signs in by the method of the settings (https://developer.hashicorp.com/vault/api-docs/auth). */
export async function signIn({ auth, call, read, now }: SignIn): Promise<VaultToken> {
  const takenAt = now();
  if (auth.method === 'token') return lookedUp(await read(auth.token), call, takenAt);
  const body =
    auth.method === 'approle'
      ? { role_id: auth.roleId, secret_id: await read(auth.secretId) }
      : { role: auth.role, jwt: await read(auth.jwt) };
  return tokenIn(await call({ method: 'POST', path: `auth/${auth.mount}/login`, body }), takenAt);
}

/** The same token for longer. */
export async function renewed(token: VaultToken, call: VaultCall, now: () => number): Promise<VaultToken> {
  const takenAt = now();
  return tokenIn(await call({ method: 'POST', path: 'auth/token/renew-self', body: {}, token: token.value }), takenAt);
}

async function lookedUp(value: string, call: VaultCall, takenAt: number): Promise<VaultToken> {
  const found = lookupSchema.safeParse(await call({ method: 'GET', path: 'auth/token/lookup-self', token: value }));
  if (!found.success) throw notVault();
  const { ttl, renewable = false } = found.data.data;
  return { value, renewable, takenAt, endsAt: endOf(takenAt, ttl) };
}

function tokenIn(answer: unknown, takenAt: number): VaultToken {
  const parsed = authSchema.safeParse(answer);
  if (!parsed.success) throw notVault();
  const { client_token: value, lease_duration: seconds, renewable } = parsed.data.auth;
  return { value, renewable, takenAt, endsAt: endOf(takenAt, seconds) };
}

/** 0 seconds: a token that never ends, such as a root token. */
function endOf(takenAt: number, seconds: number): number | null {
  return seconds === 0 ? null : takenAt + seconds * 1000;
}

function notVault(): SecretUnreadable {
  return new SecretUnreadable(
    'the answer is not that of a Vault or OpenBao',
    'correct secretStores.vault.address and its auth',
  );
}
