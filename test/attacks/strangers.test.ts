import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { PATHS } from '#shared/api/paths.js';
import { send, type HttpRequest } from '../support/http.js';
import { createPostgresDatabase, dropPostgresDatabase, runSql } from '../support/postgres-database.js';
import { useStack } from '../support/stack.js';

const server = inject('postgresUrl');
const FORGED = { authorization: `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.` };
const CALL = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'crm__list_customers', arguments: {} } };
const ROUNDS = 150;
const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

function post(headers: Record<string, string>, body: string): HttpRequest {
  return { method: 'POST', headers, body };
}

/** All that a stranger can send without having begun a sign-in, once. `round` makes each one new. */
function requests(round: number): readonly (readonly [path: string, request: HttpRequest])[] {
  const call = JSON.stringify({ ...CALL, id: round });
  const form = (fields: Record<string, string>) => post(FORM_TYPE, new URLSearchParams(fields).toString());
  return [
    [PATHS.mcp, post(JSON_TYPE, call)],
    [PATHS.mcp, post({ ...JSON_TYPE, ...FORGED }, call)],
    [`${PATHS.mcp}/crm`, post({ ...JSON_TYPE, authorization: `DPoP ${round}` }, call)],
    [PATHS.audit, { headers: FORGED }],
    [`/auth/callback?state=${round}&code=x`, {}],
    ['/oauth/token', form({ grant_type: 'authorization_code', client_id: 'mcp-bridge', code: `c${round}` })],
    ['/oauth/token', form({ grant_type: 'refresh_token', client_id: 'mcp-bridge', refresh_token: `r${round}` })],
    ['/oauth/revoke', form({ client_id: 'mcp-bridge', token: `t${round}` })],
    ['/scim/v2/Users', { headers: FORGED }],
    ['/auth/backchannel-logout', form({ logout_token: `x${round}` })],
    ['/readyz', {}],
  ];
}

describe.each([
  ['SQLite', false],
  ['PostgreSQL', true],
] as const)('strangers at a control plane on %s', (_name, isPostgres) => {
  describe.skipIf(isPostgres && server === null)(
    'of whom nobody knows anything (PostgreSQL needs apt-get install -y postgresql)',
    () => {
      let database: string | undefined;
      const stack = useStack(async () => {
        if (!isPostgres) return {};
        database = await createPostgresDatabase(server ?? '');
        return { database };
      });
      afterAll(async () => {
        await stack().stop();
        if (database !== undefined) await dropPostgresDatabase(database);
      });

      /** Rows by table, of all tables. */
      async function rows(): Promise<Record<string, number>> {
        if (database === undefined) return rowsOfFile(join(stack().config, 'data', 'mcp-sso.db'));
        const tables = await runSql(database, "select tablename as name from pg_tables where schemaname = 'public'");
        return countEach(
          tables as Named[],
          async (name) => runSql(database ?? '', countOf(name)) as Promise<Counted[]>,
        );
      }

      it(`who asks ${ROUNDS} times for everything fills no table and stops no record: they are counted`, async () => {
        const before = await rows();
        const { publicUrl, adminListen } = stack().addresses;
        for (let round = 0; round < ROUNDS; round += 1) {
          await Promise.all(requests(round).map(async ([path, request]) => send(publicUrl + path, request)));
        }
        expect(await rows()).toEqual(before);
        expect((await send(`http://${stack().addresses.listen}/readyz`)).status).toBe(200);
        const metrics = (await send(`http://${adminListen}/metrics`)).text;
        expect(metrics).toMatch(/^mcp_sso_audit_write_failures_total 0$/m);
        expect(counted(metrics)).toBeGreaterThanOrEqual(3 * ROUNDS);
      });
    },
  );
});

interface Named {
  readonly name: string;
}
interface Counted {
  readonly count: number;
}

async function rowsOfFile(path: string): Promise<Record<string, number>> {
  const file = new SQLite(path, { readonly: true });
  try {
    const tables = file.prepare("select name from sqlite_master where type = 'table'").all() as Named[];
    return await countEach(tables, async (name) => file.prepare(countOf(name)).all() as Counted[]);
  } finally {
    file.close();
  }
}

async function countEach(
  tables: readonly Named[],
  count: (name: string) => Promise<readonly Counted[]>,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { name } of tables) counts[name] = (await count(name))[0]?.count ?? Number.NaN;
  return counts;
}

function countOf(table: string): string {
  return `select count(*) as count from "${table}"`;
}

/** MCP requests that were refused before anybody was identified. */
function counted(metrics: string): number {
  const lines = metrics.matchAll(/^mcp_sso_refusals_total\{[^}]*\} (\d+)$/gm);
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
}
