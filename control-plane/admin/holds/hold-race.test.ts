import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { AuditService } from '../../audit/audit.service.js';
import { TemporaryAudit, type OpenAudit } from '../../audit/testing/open-audit.js';
import { SubjectKeys } from '../../audit/subject-keys.js';
import { intent } from '../../audit/testing/records.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import type { Caller } from '../../identity/caller.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { writeTransaction } from '../../storage/write-transaction.js';
import type { Actor } from '../actor.js';
import { LegalHolds } from './legal-holds.service.js';

const identity = { issuer: 'https://acme.okta.example', subject: 'owner', email: null, name: null };
const proof = { acr: null, amr: [], authTime: 0, managedDevice: false, idpSession: null };
const session = { id: 'ses_1', clientId: 'mcp-sso-admin', person: { id: 'usr_owner', ...identity }, ...proof };
const OWNER: Actor = { caller: { session } as unknown as Caller, address: '192.0.2.1' };

onEachEngine((engine) => {
  let temporary: TemporaryAudit;
  let audit: OpenAudit;
  let holds: LegalHolds;
  let alice: string;
  let turn = 0;

  beforeAll(async () => {
    temporary = await TemporaryAudit.create(engine);
    audit = await temporary.open();
    holds = new LegalHolds(audit.storage, audit.service, ActiveCatalog.of(temporary.config));
  });
  afterAll(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });
  beforeEach(() => newAlice());

  async function newAlice(): Promise<void> {
    turn += 1;
    alice = `usr_alice${turn}`;
    await audit.service.write(intent({ person: alice }));
  }

  const hold = () =>
    holds.create(OWNER, 'Case 1', { person: alice, server: null, from: null, to: null }).then(
      () => 'held',
      (error: { code: string }) => error.code,
    );
  const erase = (service: AuditService = audit.service) =>
    service.erase([alice]).then(
      () => 'erased',
      (error: { code: string }) => error.code,
    );
  const isReadable = async (): Promise<boolean> => {
    const { entries } = await audit.service.search({ limit: 1, user: alice }, { payloads: true });
    return entries[0]?.person?.email === 'alice@acme.example';
  };

  /** Until somebody waits for the lock. On SQLite whoever writes waits for the one connection. */
  async function somebodyWaits(): Promise<void> {
    if (engine === 'sqlite') return;
    await expect
      .poll(() => temporary.database.query("select 1 from pg_locks where locktype = 'advisory' and not granted"), {
        timeout: 10_000,
      })
      .toHaveLength(1);
  }

  test('an erasure that waits for a hold to be made is refused', async () => {
    const { db } = audit.storage;
    const erased = await writeTransaction(db, 'legal-holds', async (transaction) => {
      const erasing = erase();
      await somebodyWaits();
      await transaction
        .insertInto('legal_holds')
        .values({
          id: 'hld_1',
          person_id: alice,
          sealed: audit.storage.seal('legal-holds', 'hld_1', Buffer.from('{"name":"Case 1"}')),
          created_by: 'usr_owner',
          created_at: 1,
        })
        .execute();
      return { erasing };
    });
    expect([await erased.erasing, await isReadable()]).toEqual(['legal_hold', true]);
  });

  test('a hold that waits for an erasure is refused: nobody is told that something is held which is gone', async () => {
    const { db } = audit.storage;
    const held = await writeTransaction(db, 'legal-holds', async (transaction) => {
      const holding = hold();
      await somebodyWaits();
      await new SubjectKeys(audit.storage).destroy(transaction, [alice], 1);
      return { holding };
    });
    expect(await held.holding).toBe('not_found');
  });

  test('asked for at once, by two control planes too, exactly one of the two happens', async () => {
    // On SQLite there is one process.
    await using other = engine === 'postgres' ? await temporary.open() : undefined;
    for (let round = 0; round < 20; round += 1) {
      await newAlice();
      const begin = [hold, () => erase(other?.service)];
      if (round % 2 === 1) begin.reverse();
      const ends = await Promise.all(begin.map((one) => one()));
      const expected = (await isReadable()) ? ['held', 'legal_hold'] : ['erased', 'not_found'];
      expect(ends.toSorted()).toEqual(expected);
    }
  });

  test('a record that comes while a person is erased is under the hold of its server, or of nobody any more', async () => {
    await holds.create(OWNER, 'Case 2', { person: null, server: 'crm', from: null, to: null });
    for (let round = 0; round < 10; round += 1) {
      await newAlice();
      const [ended] = await Promise.all([erase(), audit.service.write(intent({ person: alice, server: 'crm' }))]);
      const { entries } = await audit.service.search({ limit: 1, server: 'crm' }, { payloads: true });
      const state = ended === 'erased' ? 'erased' : 'shown';
      expect([ended, entries[0]?.payload]).toEqual([ended === 'erased' ? 'erased' : 'legal_hold', state]);
    }
  });
});
