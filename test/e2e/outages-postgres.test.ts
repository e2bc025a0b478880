import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PATHS } from '#shared/api/paths.js';
import { Receiver } from '../../control-plane/messaging/testing/receiver.js';
import { alarmTo } from '../support/alarm.js';
import { AnotherControlPlane } from '../support/another-control-plane.js';
import { send } from '../support/http.js';
import { balanced } from '../support/long-call.js';
import { sendMcp } from '../support/mcp.js';
import { Watchers } from '../support/outage-spell.js';
import { signIn } from '../support/person.js';
import { runSql } from '../support/postgres-database.js';
import { PostgresServer } from '../support/postgres-server.js';
import { SettableClock } from '../support/set-clock.js';
import { useStack } from '../support/stack.js';

const INSTALLED = PostgresServer.installed() !== undefined;
/** What operators are told, once. */
const ALARM = [expect.stringMatching(/"type":"audit\.alarm".*The audit log (cannot|could not) be written/) as string];
const TIMEOUT_MS = 120_000;
const RECOVERY = { timeout: 60_000, interval: 100 };
const WRONG_CLOCK =
  'The clock of the control plane is wrong, so nothing can be put on record and the call was refused.';

describe.skipIf(!INSTALLED)(
  'where no record can be written to PostgreSQL (needs apt-get install -y postgresql)',
  () => {
    let postgres: PostgresServer;
    let database: string;
    let receiver: Receiver | undefined;
    let watchers: Watchers | undefined;
    const stack = useStack(async () => {
      postgres = await PostgresServer.start({ durable: false });
      database = await postgres.createDatabase();
      return { database };
    });

    beforeAll(async () => {
      receiver = await Receiver.start();
      await alarmTo(stack(), receiver);
      watchers = await Watchers.signIn(stack(), receiver);
    });
    afterAll(async () => {
      await watchers?.[Symbol.asyncDispose]();
      await receiver?.[Symbol.asyncDispose]();
      await stack().stop();
      await postgres[Symbol.asyncDispose]();
    });

    it('a database that is killed and comes back', { timeout: TIMEOUT_MS }, async () => {
      const endured = await watchers?.endure({
        begin: () => postgres.kill9(),
        end: () => postgres.restart(),
        reason: /ECONNREFUSED|terminated/,
      });
      expect(endured).toEqual({
        refusal: expect.stringContaining('be checked at the moment, so this was refused.') as string,
        messages: ALARM,
      });
    });

    it('a replica whose clock jumps ahead refuses, and the others go on', { timeout: TIMEOUT_MS }, async () => {
      const clock = new SettableClock(join(stack().folder, 'clock'));
      await using ahead = await AnotherControlPlane.start(stack(), 'ahead', database, clock.inside);
      const alice = await signIn(stack(), 'alice');
      const { publicUrl } = stack().addresses;
      const callAt = async (at: string) => {
        const headers = await balanced(publicUrl, alice, 'POST', PATHS.mcp);
        return sendMcp(`${at}${PATHS.mcp}`, headers, 'tools/call', { name: 'crm__list_customers', arguments: {} });
      };
      expect((await callAt(ahead.address)).text).toContain('Nordwind');
      clock.set('+1h');
      await vi.waitFor(async () => expect((await callAt(ahead.address)).text).toContain(WRONG_CLOCK), RECOVERY);
      expect(await callAt(ahead.address)).toMatchObject({ status: 503 });
      expect((await send(`${ahead.address}/readyz`)).status).toBe(503);
      expect((await callAt(publicUrl)).text).toContain('Nordwind');
      const late = `select count(*) as late from audit_records
      where (header::json ->> 'ts')::bigint > extract(epoch from now()) * 1000 + 300000`;
      expect(await runSql(database, late)).toEqual([{ late: 0 }]);
      clock.set('+0');
      await vi.waitFor(async () => expect((await callAt(ahead.address)).text).toContain('Nordwind'), RECOVERY);
      expect((await callAt(publicUrl)).text).toContain('Nordwind');
    });
  },
);
