import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { decodeJwt, exportJWK } from 'jose';
import { Stack } from '../../demo/stack/stack.js';
import { signIn, type SignedIn } from '../support/person.js';
import { realSigner } from '../support/signing-key.js';
import type { LoadClient } from './load-job.js';

/** Enough that no sign-in reaches its limit of concurrent calls. */
const SIGN_INS = 8;
const CLIENT = 'bench';

export interface Company {
  readonly stack: Stack;
  /** The same person's sign-ins: with bearer tokens, and with tokens bound to a key as the bridge has them. */
  readonly bearer: readonly LoadClient[];
  readonly bound: readonly LoadClient[];
  readonly stop: () => Promise<void>;
}

/** The demo company with `count` more servers, all of them at `upstream`; engineering may use them. */
export async function startCompany(upstream: string, count: number): Promise<Company> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'mcp-sso-bench-'));
  const ids = Array.from({ length: count }, (_, index) => `bench${index}`);
  const stack = await Stack.start({
    folder,
    logLevel: 'info',
    more: { servers: servers(ids, upstream), policies: policies(ids) },
  });
  const stop = async (): Promise<void> => {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const signedIn: SignedIn[] = [];
    for (let made = 0; made < SIGN_INS; made += 1) signedIn.push(await signIn(stack, 'alice'));
    const [first, second] = [signedIn.slice(0, SIGN_INS / 2), signedIn.slice(SIGN_INS / 2)];
    return { stack, bearer: await unbound(stack, first), bound: await Promise.all(second.map(boundClient)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function boundClient({ accessToken, keys }: SignedIn): Promise<LoadClient> {
  const [privateKey, publicKey] = await Promise.all([exportJWK(keys.privateKey), exportJWK(keys.publicKey)]);
  return { accessToken, key: { private: privateKey, public: publicKey } };
}

/**
 * Tokens of a client that has no key to bind them to: signed with the control plane's own key, for its own sessions,
 * so that every check of a bearer token runs.
 */
async function unbound(stack: Stack, signedIn: readonly SignedIn[]): Promise<LoadClient[]> {
  await stack.stopControlPlane();
  const resign = await realSigner(stack);
  const database = new SQLite(join(stack.config, 'data', 'mcp-sso.db'));
  const clients: LoadClient[] = [];
  for (const { accessToken } of signedIn) {
    const session = decodeJwt(accessToken)['sid'];
    database.prepare('UPDATE sessions SET client_id = ? WHERE id = ?').run(CLIENT, session);
    clients.push({ accessToken: await resign(accessToken, { client_id: CLIENT, cnf: undefined, exp: later() }) });
  }
  database.close();
  await stack.startControlPlane();
  return clients;
}

function later(): number {
  return Math.floor(Date.now() / 1000) + 3_600;
}

function servers(ids: readonly string[], upstream: string): string {
  const tools = '{ tool_00: { effect: read }, large: { effect: read } }';
  return ids.map((id) => `  ${id}:\n    url: ${upstream}/${id}\n    tools: ${tools}\n`).join('');
}

function policies(ids: readonly string[]): string {
  return ids
    .map(
      (id) => `@id("engineering-${id}")
@reason("Engineering uses ${id}.")
permit (principal in Mcp::Group::"demo/engineering", action in Mcp::Action::"call", resource in Mcp::Server::"${id}");
`,
    )
    .join('\n');
}
