import { decodeJwt, exportJWK } from 'jose';
import { openDatabase } from '../../../control-plane/storage/open-database.js';
import type { Stack } from '../../../demo/stack/stack.js';
import { signIn, type SignedIn } from '../../support/person.js';
import { realSigner } from '../../support/signing-key.js';
import type { LoadClient } from '../load/job.js';

/** Of each kind. */
const SIGN_INS = 4;
const CLIENT_WITHOUT_KEY = 'bench';
/** Longer than a run, so that no refresh falls into it. */
const TOKEN_SECONDS = 3_600;

export interface Clients {
  readonly bearer: readonly LoadClient[];
  readonly bound: readonly LoadClient[];
}

/**
 * Real sign-ins of alice. Half of them get tokens of a client that has no key to bind them to: signed with the control
 * plane's own key, for its own sessions, so that every check of a bearer token runs.
 */
export async function makeClients(stack: Stack, database: string): Promise<Clients> {
  const signedIn: SignedIn[] = [];
  for (let made = 0; made < 2 * SIGN_INS; made += 1) signedIn.push(await signIn(stack, 'alice'));
  await stack.stopControlPlane();
  const resign = await realSigner(stack, database);
  const bearer: LoadClient[] = [];
  for (const { accessToken } of signedIn.slice(0, SIGN_INS)) {
    await takeKeyAway(stack, database, String(decodeJwt(accessToken)['sid']));
    const claims = { client_id: CLIENT_WITHOUT_KEY, cnf: undefined, exp: expiry() };
    bearer.push({ accessToken: await resign(accessToken, claims) });
  }
  const bound: LoadClient[] = [];
  for (const { accessToken, keys } of signedIn.slice(SIGN_INS)) {
    const [privateKey, publicKey] = await Promise.all([exportJWK(keys.privateKey), exportJWK(keys.publicKey)]);
    const key = { private: privateKey, public: publicKey };
    bound.push({ accessToken: await resign(accessToken, { exp: expiry() }), key });
  }
  await stack.startControlPlane();
  return { bearer, bound };
}

async function takeKeyAway(stack: Stack, database: string, session: string): Promise<void> {
  const db = await openDatabase(database, stack.config);
  try {
    await db.updateTable('sessions').set({ client_id: CLIENT_WITHOUT_KEY }).where('id', '=', session).execute();
  } finally {
    await db.destroy();
  }
}

function expiry(): number {
  return Math.floor(Date.now() / 1000) + TOKEN_SECONDS;
}
