import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { PATHS } from '#shared/api/paths.js';
import { AnotherControlPlane } from '../support/another-control-plane.js';
import { credentials } from '../support/http.js';
import { sendMcp } from '../support/mcp.js';
import { signIn, type SignedIn } from '../support/person.js';
import { createPostgresDatabase, dropPostgresDatabase } from '../support/postgres-database.js';
import { useStack } from '../support/stack.js';

const server = inject('postgresUrl');
const eventually = { timeout: 30_000, interval: 100 };
const forbid = (id: string): string => `@id("${id}") @reason("For the test.")
forbid (principal, action, resource in Mcp::Server::"crm");
`;

describe.skipIf(server === null)(
  'two control planes with directories of their own (needs apt-get install -y postgresql)',
  () => {
    let database: string;
    let b: AnotherControlPlane;
    let alice: SignedIn;
    const stack = useStack(async () => {
      database = await createPostgresDatabase(server ?? '');
      return { database };
    });

    beforeAll(async () => {
      b = await AnotherControlPlane.start(stack(), 'replica-b', database);
      alice = await signIn(stack(), 'alice');
    });
    afterAll(async () => {
      await b[Symbol.asyncDispose]();
      await stack().stopControlPlane();
      await dropPostgresDatabase(database);
    });

    /** What a call of the CRM is answered at one of the two, as a balancer passes it on. */
    async function callAt(address: string): Promise<string> {
      const url = new URL(stack().addresses.publicUrl + PATHS.mcp);
      const headers = { host: url.host, ...(await credentials(alice, 'POST', url.href)) };
      const call = { name: 'crm__list_customers', arguments: {} };
      return (await sendMcp(`${address}${PATHS.mcp}`, headers, 'tools/call', call)).text;
    }
    const a = (): string => `http://${stack().addresses.listen}`;
    const policyOf = (replica: 'config' | 'replica-b'): string =>
      join(stack().folder, replica, 'policies', 'closed.cedar');
    const logOf = (replica: string): string => readFileSync(join(stack().folder, 'logs', `${replica}.log`), 'utf8');
    const revisionsOf = (replica: string): number[] =>
      [...logOf(replica).matchAll(/"revision":(\d+),"sha256":"\w+","event":"catalog\.in-force"/g)].map(([, number]) =>
        Number(number),
      );

    it('serve the leader’s, whichever is asked, and the other one changes nothing', async () => {
      writeFileSync(policyOf('replica-b'), forbid('of-the-follower'));
      await expect.poll(() => logOf('replica-b').split('catalog.directory-read').length - 1, eventually).toBe(2);
      expect(await callAt(b.address)).not.toContain('of-the-follower');
      writeFileSync(policyOf('config'), forbid('of-the-leader'));
      await expect.poll(() => callAt(a()), eventually).toContain('of-the-leader');
      await expect.poll(() => callAt(b.address), eventually).toContain('of-the-leader');
      expect(revisionsOf('control-plane')).toEqual([1, 2]);
      expect(revisionsOf('replica-b')).toEqual([1, 2]);
    });

    it('do not fight when the leader goes: the one that stays keeps what was applied, until its own directory changes', async () => {
      await stack().stopControlPlane();
      expect(await callAt(b.address)).toContain('of-the-leader');
      writeFileSync(policyOf('replica-b'), forbid('of-the-new-leader'));
      await expect.poll(() => callAt(b.address), eventually).toContain('of-the-new-leader');
      expect(revisionsOf('replica-b')).toEqual([1, 2, 3]);
    });
  },
);
