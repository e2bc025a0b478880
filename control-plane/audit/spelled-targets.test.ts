import { afterEach, beforeEach, expect, test } from 'vitest';
import { auditQuerySchema, type AuditEntry } from '#shared/api/audit.js';
import { verifyLog } from '#shared/audit-log/verify-log.js';
import { onEachEngine } from '../storage/testing/engines.js';
import type { NewRecord } from './record.js';
import type { AuditView } from './search/search.js';
import { TemporaryAudit, type OpenAudit } from './testing/open-audit.js';
import { intent } from './testing/records.js';

const URI = 'https://files.acme.example/alice?token=zq-planted-5520';
const HASH = /^hmac:[0-9a-f]{64}$/;

function reading(uri: string): NewRecord {
  const { facts, ...call } = intent({}, { target: uri });
  const { target: _tool, ...others } = facts;
  return { ...call, type: 'resource.read', facts: others };
}

onEachEngine((engine) => {
  let temporary: TemporaryAudit;
  let audit: OpenAudit;
  beforeEach(async () => {
    temporary = await TemporaryAudit.create(engine);
    audit = await temporary.open();
  });
  afterEach(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });

  async function found(tool: string | undefined, view: AuditView): Promise<AuditEntry['target'][]> {
    const { entries } = await audit.service.search(auditQuerySchema.parse({ tool }), view);
    return entries.map(({ target }) => target);
  }

  test('what a client spelled stands in no header and no index, and the same is the same there', async () => {
    await audit.service.write(reading(URI));
    await audit.service.write(reading(URI));
    await audit.service.write(reading(`${URI}1`));
    const { db } = audit.storage;
    const headers = await db.selectFrom('audit_records').select('header').orderBy('idx').execute();
    const index = await db.selectFrom('audit_index').selectAll().execute();
    const payloads = await db.selectFrom('audit_payloads').selectAll().execute();
    const kept = [...headers, ...index].map((row) => Object.values(row).join('\n')).join('\n');
    expect([kept.includes('zq-planted'), kept.includes('files.acme.example')]).toEqual([false, false]);
    expect(payloads.map(({ sealed }) => sealed.includes('zq-planted'))).toEqual([false, false, false]);
    const targets = headers.map(({ header }) => (JSON.parse(header) as { facts: { target: string } }).facts.target);
    expect(targets).toEqual([expect.stringMatching(HASH), targets[0], expect.stringMatching(HASH)]);
    expect(targets[2]).not.toBe(targets[0]);
  });

  test('whoever may read what is personal sees it and finds it; others learn neither', async () => {
    await audit.service.write(reading(URI));
    expect(await found(URI, { payloads: true })).toEqual([URI]);
    expect(await found(URI, { payloads: true, person: 'usr_alice' })).toEqual([URI]);
    expect(await found(URI, { payloads: true, person: 'usr_bob' })).toEqual([]);
    expect(await found(URI, { payloads: false })).toEqual([]);
    const [hash] = await found(undefined, { payloads: false });
    expect(hash).toMatch(HASH);
    expect(await found(hash!, { payloads: false })).toEqual([hash]);
  });

  test('erased with the person, and the log goes on to verify', async () => {
    await audit.service.write(reading(URI));
    await audit.service.erase(['usr_alice']);
    expect(await found(undefined, { payloads: true })).toEqual([expect.stringMatching(HASH)]);
    const { headers, checkpoint, verifierKey } = await audit.service.log(0);
    expect(verifyLog(headers, checkpoint, verifierKey)).toMatchObject({ size: 1 });
  });

  test('a record of before, whose header has the target as it was spelled, is found and shown as ever', async () => {
    await audit.service.write({ ...intent({ target: URI }), type: 'resource.read' });
    await audit.service.write(intent({ target: 'get_report' }));
    expect(await found(URI, { payloads: true })).toEqual([URI]);
    expect(await found('get_report', { payloads: false })).toEqual(['get_report']);
  });
});
