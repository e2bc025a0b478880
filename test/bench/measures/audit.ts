import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { auditQuerySchema } from '../../../shared/api/audit.js';
import { callReportQuerySchema, comparisonQuerySchema, denialsQuerySchema } from '../../../shared/api/audit-reports.js';
import { AuditReports } from '../../../control-plane/audit/reports/audit-reports.service.js';
import { searchAudit } from '../../../control-plane/audit/search/search.js';
import { SubjectKeys } from '../../../control-plane/audit/subject-keys.js';
import { ActiveCatalog } from '../../../control-plane/catalog/active-catalog.js';
import { unstored } from '../../../control-plane/catalog/revision.js';
import { openDatabase } from '../../../control-plane/storage/open-database.js';
import { StorageService } from '../../../control-plane/storage/storage.service.js';
import { END, personId, sessionId } from '../audit/generated-records.js';
import { storeRecords } from '../audit/store-records.js';
import { median } from '../table/pairs.js';
import { measured, type Row, type Section } from '../table/row.js';

const RECORDS = 1_000_000;
const WITH_PAYLOAD = 20_000;
const ROUNDS = 3;
const DAY = 86_400_000;
const TUESDAY = { since: '2026-11-17T00:00:00+01:00', until: '2026-11-18T00:00:00+01:00' };

const effectOf = (): 'read' => 'read';

type Question = readonly [id: string, what: string, ask: () => Promise<{ readonly length: number }>];

/** How long each question takes with a million records. `location`: SQLite where it is absent. */
export async function measureAudit(engine: 'SQLite' | 'PostgreSQL', location?: string): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-records-'));
  const storage = new StorageService(
    await openDatabase(location ?? 'sqlite:./records.db', folder),
    Buffer.alloc(32, 7),
  );
  try {
    await storeRecords(storage, RECORDS, WITH_PAYLOAD);
    if (engine === 'PostgreSQL') await sql`vacuum analyze`.execute(storage.db);
    const rows: Row[] = [];
    for (const question of questions(storage)) rows.push(await measureQuestion(engine, question));
    return { title: `${RECORDS} audit records on ${engine}, each question until its first page`, rows };
  } finally {
    await storage.onApplicationShutdown();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureQuestion(engine: string, [id, what, ask]: Question): Promise<Row> {
  const about = { id: `audit-${engine.toLowerCase()}-${id}`, what, unit: 'ms', target: { atMost: 1_000 } } as const;
  return measured(about, async () => {
    const times: number[] = [];
    let found = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const began = performance.now();
      found = (await ask()).length;
      times.push(performance.now() - began);
    }
    return { value: median(times), detail: `${found} rows` };
  });
}

function questions(storage: StorageService): Question[] {
  const catalog = new ActiveCatalog(unstored({ servers: {}, roles: {}, policyFiles: [] }));
  const reports = new AuditReports(storage, catalog);
  const sources = { db: storage.db, keys: new SubjectKeys(storage), servers: [], hashOf: (target: string) => target };
  const seen = { claims: true };
  const search = async (query: object) =>
    (await searchAudit(sources, auditQuerySchema.parse(query), { payloads: true })).entries;
  const access = async (query: object) => (await reports.access(callReportQuerySchema.parse(query), seen)).rows;
  const exposure = async (query: object) =>
    (await reports.exposure(callReportQuerySchema.parse(query), seen, effectOf)).rows;
  return [
    ['access', 'which employees connect to which servers', () => access({ limit: '5000' })],
    ['sales', 'is sales reaching engineering’s tools', () => exposure({ group: 'sales' })],
    [
      'contractors',
      'do contractors reach what staff reach',
      async () =>
        (await reports.comparison(comparisonQuerySchema.parse({ left: 'contractors', right: 'staff' }), effectOf)).rows,
    ],
    [
      'tuesday',
      'who used Claude to reach server7 last Tuesday',
      () => access({ client: 'claude', server: 'server7', ...TUESDAY }),
    ],
    ['tuesday-calls', 'the same, call by call', () => search({ client: 'claude', server: 'server7', ...TUESDAY })],
    ['exposure', 'every group and tool', () => exposure({ limit: '5000' })],
    ['denials', 'what was denied', async () => (await reports.denials(denialsQuerySchema.parse({}), seen)).rows],
    [
      'unused',
      'what was not used for 90 days',
      async () => (await reports.unused(END - 90 * DAY, END, ['server1-1', 'never'])).rows,
    ],
    ['newest', 'search: the newest', () => search({})],
    ['person', 'search: one person', () => search({ user: 'person77@acme.example' })],
    ['session', 'search: one session', () => search({ session: sessionId(77, END - 3 * DAY) })],
    ['nobody', 'search: a person who has no records', () => search({ user: personId(-1) })],
    ['group', 'search: one group', () => search({ group: 'team-7' })],
    ['policy', 'search: one policy', () => search({ policy: 'server3-1' })],
    ['no-tool', 'search: a tool that nobody called', () => search({ tool: 'absent' })],
    ['no-client', 'search: an app that nobody uses', () => search({ client: 'absent' })],
    ['failed', 'search: calls that failed', () => search({ outcome: 'error' })],
    ['unknown', 'search: calls whose outcome is unknown', () => search({ outcome: 'unknown' })],
    ['text', 'search: a text in 2,000 payloads at most', () => search({ text: 'the needle' })],
  ];
}
