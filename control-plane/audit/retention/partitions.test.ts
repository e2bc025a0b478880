import { CompiledQuery, type Compilable } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runSql } from '../../../test/support/postgres-database.js';
import { makePartitionsAhead } from '../../storage/payload-partitions.js';
import { onPostgres } from '../../storage/testing/engines.js';
import { TemporaryAudit, type OpenAudit } from '../testing/open-audit.js';
import { intent } from '../testing/records.js';
import { hadMonths, recordedAt, retentionOf } from './testing/past.js';

const MARCH = Date.UTC(2026, 2, 15);
const MAY = Date.UTC(2026, 4, 1);
const KEPT = { retention: { calls: '400d', lists: '30d' } };

onPostgres(() => {
  let temporary: TemporaryAudit;
  let audit: OpenAudit;
  beforeEach(async () => {
    temporary = await TemporaryAudit.create('postgres');
    audit = await temporary.open();
  });
  afterEach(async () => {
    await audit.close();
    await temporary[Symbol.asyncDispose]();
  });

  const partitions = async (like: string): Promise<string[]> => {
    const rows = await temporary.database.query<{ name: string }>(
      `select relname as name from pg_class where relkind = 'r' and relname like '${like}' order by relname`,
    );
    return rows.map(({ name }) => name);
  };
  const placeOf = async (id: string): Promise<string> => {
    const [row] = await temporary.database.query<{ place: string }>(
      `select tableoid::regclass::text as place from audit_payloads where record_id = '${id}'`,
    );
    return row?.place ?? 'nowhere';
  };

  test('a month of a kind is a table, which goes as a whole', async () => {
    await hadMonths(audit, '2026-03');
    const ids = await recordedAt(audit, [MARCH]);
    expect(await Promise.all(ids.map(placeOf))).toEqual([
      'audit_payloads_calls_2026_03',
      'audit_payloads_lists_2026_03',
      'audit_payloads_identity_2026_03',
    ]);
    await retentionOf(temporary, audit, KEPT).service.sweep(MAY);
    expect(await partitions('%2026_03')).toEqual([
      'audit_payloads_administration_2026_03',
      'audit_payloads_calls_2026_03',
      'audit_payloads_identity_2026_03',
    ]);
  });

  test('the months ahead are made at a start and by the sweep, one time for all', async () => {
    const { service } = retentionOf(temporary, audit, KEPT);
    await service.sweep(Date.UTC(2031, 11, 31));
    await Promise.all([1, 2, 3].map(() => makePartitionsAhead(audit.storage.db, Date.UTC(2031, 11, 31))));
    expect(await partitions('audit_payloads_calls_203%')).toEqual([
      'audit_payloads_calls_2031_12',
      'audit_payloads_calls_2032_01',
      'audit_payloads_calls_2032_02',
    ]);
    const { id } = await audit.service.write(intent());
    expect(await placeOf(id)).toMatch(/^audit_payloads_calls_20\d\d_\d\d$/);
  });

  test('a record of a month without a table is kept in the default one, and expires from there', async () => {
    const ids = await recordedAt(audit, [MARCH]);
    expect(await placeOf(ids[1]!)).toBe('audit_payloads_lists_rest');
    // Its month gets none afterwards: the rows would have to be moved under a lock.
    await makePartitionsAhead(audit.storage.db, MARCH);
    expect(await partitions('audit_payloads_lists_2026_0%')).toEqual([
      'audit_payloads_lists_2026_04',
      'audit_payloads_lists_2026_05',
    ]);
    await retentionOf(temporary, audit, KEPT).service.sweep(MAY);
    expect(await Promise.all(ids.map(placeOf))).toEqual([
      'audit_payloads_calls_rest',
      'nowhere',
      'audit_payloads_identity_rest',
    ]);
  });

  test('a long read of the month does not make calls wait for the drop behind it; the drop comes after it', async () => {
    await hadMonths(audit, '2026-03');
    await recordedAt(audit, [MARCH]);
    const { service } = retentionOf(temporary, audit, KEPT);
    const reading = runSql(temporary.database.location, 'select pg_sleep(2) from audit_payloads_lists');
    await expect
      .poll(
        async () =>
          temporary.database.query(
            `select 1 from pg_stat_activity where state = 'active' and wait_event = 'PgSleep' and datname = current_database()`,
          ),
        { timeout: 20_000 },
      )
      .toHaveLength(1);
    const sweeping = service.sweep(MAY);
    const begun = performance.now();
    await audit.service.write({ ...intent(), type: 'list', phase: 'event' });
    expect(performance.now() - begun).toBeLessThan(1_500);
    await Promise.all([reading, sweeping]);
    expect(await partitions('audit_payloads_lists_2026_03')).toEqual([]);
  });

  test('a look-up by id looks into the table of its kind and month alone', async () => {
    await hadMonths(audit, '2026-02', '2026-03');
    const [call, list] = await recordedAt(audit, [MARCH]);
    expect(await tablesOf(payloadsOf([call!, list!], 'calls'))).toEqual(new Set(['audit_payloads_calls_2026_03']));
  });

  test('a look-up of 1,000 records among two years of months looks into one table', async () => {
    const months = Array.from({ length: 24 }, (_, at) => new Date(Date.UTC(2024, 3 + at)).toISOString().slice(0, 7));
    await hadMonths(audit, ...months);
    const times = Array.from({ length: 500 }, (_, at) => MARCH + at);
    const ids = await recordedAt(audit, times, ['tool.call', 'prompt.get']);
    expect(await tablesOf(payloadsOf(ids, 'calls'))).toEqual(new Set(['audit_payloads_calls_2026_03']));
    expect(await payloadsOf(ids, 'calls').execute()).toHaveLength(1_000);
  });

  const payloadsOf = (ids: readonly string[], kind: string) =>
    audit.storage.db
      .selectFrom('audit_payloads')
      .select(['record_id', 'subject', 'sealed'])
      .where('kind', '=', kind)
      .where('record_id', 'in', ids);

  /** Those that the plan of a query names. */
  async function tablesOf(query: Compilable): Promise<Set<string>> {
    const { sql, parameters } = query.compile();
    const { rows } = await audit.storage.db.executeQuery<object>(CompiledQuery.raw(`explain ${sql}`, [...parameters]));
    const plan = rows.map((row) => Object.values(row).join(' ')).join('\n');
    return new Set([...plan.matchAll(/ on (audit_payloads\w+)/g)].map(([, name = '']) => name.replace(/_pkey$/, '')));
  }
});
