import { CompiledQuery, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { personId } from '../../../test/bench/audit/generated-records.js';
import { storeRecords } from '../../../test/bench/audit/store-records.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { intent, outcome } from '../testing/records.js';
import { heldQuery } from './held-people.js';
import { activeHolds, insertHold, listHolds, releaseHold } from './hold-rows.js';
import { newHoldId, type LegalHold } from './legal-hold.js';

const DAY = 86_400_000;

const refusedFor = (...holds: LegalHold[]) => ({
  code: 'legal_hold',
  message: `Records of this person are under legal hold: ${holds.map(({ id, name }) => `${id} (${name})`).join(', ')}. They can be erased once an owner has released it: mcp-sso admin holds release ID --reason TEXT.`,
});

onEachEngine((engine) => {
  let temporary: TemporaryAudit;
  let audit: OpenAudit;
  let alice: string;
  let aliceAt: number;
  let turn = 0;

  beforeAll(async () => {
    temporary = await TemporaryAudit.create(engine);
    audit = await temporary.open();
  });
  afterAll(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });
  /** A new person each time, with one call at the server `finance`. */
  beforeEach(async () => {
    turn += 1;
    alice = `usr_alice${turn}`;
    await audit.storage.db.deleteFrom('legal_holds').execute();
    const { id } = await audit.service.write(intent({ person: alice, server: 'finance' }));
    await audit.service.write({ ...outcome(id), subject: alice });
    aliceAt = (await audit.service.header(id))!.ts;
  });

  async function hold(scope: Partial<LegalHold> = {}): Promise<LegalHold> {
    const made: LegalHold = {
      id: newHoldId(),
      name: 'Case 2026-117',
      person: null,
      server: null,
      from: null,
      to: null,
      createdBy: 'usr_owner',
      createdAt: 1_800_000_000_000,
      released: undefined,
      ...scope,
    };
    await insertHold(audit.storage.db, audit.storage, made);
    return made;
  }

  const erase = async (...subjects: string[]): Promise<unknown> =>
    audit.service.erase(subjects).then(
      () => 'erased',
      (error: unknown) => error,
    );

  /** What search shows of the person's name in their own record. */
  async function emailOnRecord(): Promise<string | null | undefined> {
    const { entries } = await audit.service.search({ limit: 1, user: alice }, { payloads: true });
    return entries[0]?.person?.email;
  }

  test.each<[string, (ids: { alice: string; at: number }) => Partial<LegalHold>]>([
    ['everything', () => ({})],
    ['the person', (ids) => ({ person: ids.alice })],
    ['a server that they used', () => ({ server: 'finance' })],
    ['the time in which they did', ({ at }) => ({ from: at, to: at + 1 })],
    ['what was since then', ({ at }) => ({ from: at })],
    ['what was until then', ({ at }) => ({ to: at + 1 })],
    ['all of these', (ids) => ({ person: ids.alice, server: 'finance', from: ids.at, to: ids.at + 1 })],
  ])('a hold on %s keeps their records readable', async (_, scope) => {
    const made = await hold(scope({ alice, at: aliceAt }));
    expect(await erase(alice)).toMatchObject(refusedFor(made));
    expect(await emailOnRecord()).toBe('alice@acme.example');
    expect(await erase('usr_nobody_else', alice)).toMatchObject({ code: 'legal_hold' });
  });

  test.each<[string, (ids: { alice: string; at: number }) => Partial<LegalHold>]>([
    ['somebody else', () => ({ person: 'usr_bob' })],
    ['a server that they never used', () => ({ server: 'crm' })],
    ['somebody else at a server that they used', () => ({ person: 'usr_bob', server: 'finance' })],
    ['them at a server that they never used', (ids) => ({ person: ids.alice, server: 'crm' })],
    ['a time before', ({ at }) => ({ to: at })],
    ['a time after', ({ at }) => ({ from: at + 1 })],
    ['their server at another time', ({ at }) => ({ server: 'finance', from: at - DAY, to: at })],
  ])('a hold on %s does not keep them', async (_, scope) => {
    // Somebody else did use that server.
    await audit.service.write(intent({ person: 'usr_bob', server: 'crm' }));
    await hold(scope({ alice, at: aliceAt }));
    expect(await erase(alice)).toBe('erased');
    expect(await emailOnRecord()).toBeUndefined();
  });

  test('what a SCIM client said of them before they first signed in is held with them', async () => {
    const made = await hold({ person: alice });
    expect(await erase(alice, `scim-${alice}`)).toMatchObject(refusedFor(made));
    await releaseHold(audit.storage.db, audit.storage, made.id, { by: 'usr_owner', at: 1, reason: 'settled' });
    const early = await hold({ from: aliceAt - DAY, to: aliceAt });
    await audit.storage.db
      .insertInto('audit_index')
      .values(scimRow(`scim-${alice}`, aliceAt - 1))
      .execute();
    expect(await erase(alice, `scim-${alice}`)).toMatchObject(refusedFor(early));
  });

  test('of many holds five are named; a released one stands no more in the way, and is released once', async () => {
    const { db } = audit.storage;
    const holds: LegalHold[] = [];
    for (let n = 1; n <= 7; n += 1) holds.push(await hold({ name: `Case ${n}`, person: alice, createdAt: n }));
    expect(await erase(alice)).toMatchObject({ message: expect.stringMatching(/\(Case 1\).*\(Case 5\) and others\./) });
    const release = { by: 'usr_owner', at: 1_800_000_000_001, reason: 'settled' };
    for (const { id } of holds) expect(await releaseHold(db, audit.storage, id, release)).toBe(true);
    expect(await releaseHold(db, audit.storage, holds[0]!.id, { ...release, reason: 'again' })).toBe(false);
    expect(await activeHolds(db, audit.storage)).toEqual([]);
    const listed = await listHolds(db, audit.storage, { all: true, limit: 10 });
    expect(listed).toEqual(holds.toReversed().map((one) => Object.assign(one, { released: release })));
    expect(await listHolds(db, audit.storage, { all: false, limit: 10 })).toEqual([]);
    expect(await erase(alice)).toBe('erased');
  });

  test('names and reasons are sealed for their own hold', async () => {
    const made = await hold({ person: alice });
    const other = await hold({ person: 'usr_bob', name: 'Other case' });
    const rows = await temporary.database.query<object>('select * from legal_holds');
    expect(JSON.stringify(rows.map((row) => Object.values(row).map(String)))).not.toContain('Case 2026-117');
    await temporary.tamper(
      `update legal_holds set sealed = (select sealed from legal_holds where id = '${other.id}') where id = '${made.id}'`,
    );
    // Whoever can't be told by which hold is refused all the same.
    expect(await erase(alice)).toBeInstanceOf(Error);
    expect(await emailOnRecord()).toBe('alice@acme.example');
  });

  test('each hold is one look-up in an index, however much there is on record', async () => {
    await using other = await TemporaryAudit.create(engine);
    await using opened = await other.open();
    const { db } = opened.storage;
    await storeRecords(opened.storage, 4_000, 0);
    if (engine === 'postgres') await sql`vacuum analyze audit_index`.execute(db);
    const { sql: text, parameters } = heldQuery(db, [personId(7)], 6).compile();
    const explain = `explain ${engine === 'sqlite' ? 'query plan ' : ''}${text}`;
    const { rows } = await db.executeQuery<object>(CompiledQuery.raw(explain, [...parameters]));
    const plan = rows.map((row) => Object.values(row).join(' ')).join('\n');
    expect(plan).toContain('audit_index_held');
    expect(plan).toContain('audit_index_subject');
    expect(plan).not.toMatch(/SCAN r\b|Seq Scan on audit_index/);
  });

  const scimRow = (subject: string, ts: number) => ({
    record_id: `00000000-0000-7000-8000-${String(turn).padStart(12, '0')}`,
    ts,
    type: 'scim.user',
    phase: 'event',
    subject,
  });
});
