import { CLIENTS } from '#shared/api/paths.js';
import { openStore } from '../../cli/credential-store/open-store.js';
import { userPaths } from '../../cli/system/paths.js';
import type { Stack } from '../../demo/stack/stack.js';
import type { Laptop } from '../../demo/walk/laptop.js';
import { ageChecks } from '../support/database.js';
import { runSql } from '../support/postgres-database.js';

const FIVE_MINUTES = 300_000;

/** Makes the laptop's access token run out, so that the next call refreshes it. No bridge of the laptop may run. */
export async function expireAccessToken(stack: Stack, laptop: Laptop): Promise<void> {
  const { store } = await openStore(userPaths('linux', {}, laptop.home), 'file');
  const slot = { origin: stack.addresses.publicUrl, client: CLIENTS.bridge };
  const signIn = await store.read(slot);
  if (signIn === undefined) throw new Error(`${laptop.person} is not signed in any more.`);
  const { issuedAt, expiresAt } = signIn;
  await store.put(slot, { ...signIn, issuedAt: issuedAt - FIVE_MINUTES, expiresAt: expiresAt - FIVE_MINUTES });
}

/** Makes the next refresh of every session ask the identity provider. The control plane must be down, PostgreSQL up. */
export async function expireChecks(stack: Stack, postgres: string | undefined): Promise<void> {
  if (postgres === undefined) ageChecks(stack, 120);
  else await runSql(postgres, 'update sessions set idp_checked_at = idp_checked_at - 120000');
}
