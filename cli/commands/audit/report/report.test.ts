import { expect, test } from 'vitest';
import type { AccessReviewRow, AccessRow, ComparisonRow } from '#shared/api/audit-reports.js';
import type { ReadApi } from '../../api-answer.js';
import type { CommandContext } from '../../context.js';
import { reportAccess } from './access.js';
import { reportDenials } from './denials.js';
import { reportExposure } from './exposure.js';
import { reportReview } from './review.js';
import { reportUnused } from './unused-grants.js';

const ALICE = { id: 'usr_alice', email: 'alice@acme.example', name: 'Alice' };
const ACCESS: AccessRow = {
  server: 'crm',
  person: ALICE,
  client: { id: 'mcp-bridge', claimedName: 'claude desktop' },
  tools: 2,
  calls: 7,
  denied: 1,
  first: '2026-11-17T09:00:00.000Z',
  last: '2026-11-17T10:00:00.000Z',
};
const REACHED: ComparisonRow = {
  reachedBy: 'both',
  server: 'crm',
  target: 'pay',
  type: 'tool.call',
  effect: 'write',
  left: { calls: 1, persons: 1 },
  right: { calls: 5, persons: 2 },
};
const REVIEWED: AccessReviewRow = {
  person: { id: 'usr_mallory', email: '=1+1@acme.example', name: null },
  groups: ['okta/sales'],
  tools: ['list'],
  calls: 1,
  denied: 0,
  lastUsed: '2026-11-17T10:00:00.000Z',
  grants: [],
  connected: false,
};
const FOOTER =
  'Counted from the audit’s index, which is derived from the records. What the signed records themselves say: mcp-sso audit search; a proof of one call: mcp-sso audit receipt REFERENCE.\n';

type Report<Options> = (context: CommandContext, options: Options, read: ReadApi) => Promise<number>;

/** Runs a report on Monday 2026-11-23 at 08:30 UTC against these answers, one for each page. */
async function run<Options extends object>(report: Report<Options>, options: Options, answers: object[], json = false) {
  let printed = '';
  const asked: string[] = [];
  const context: CommandContext = {
    stdout: (text) => void (printed += text),
    stderr: () => undefined,
    env: {},
    json,
    interactive: false,
    openBrowser: false,
    now: () => new Date('2026-11-23T08:30:00Z'),
    paths: { config: '/none', state: '/none', cache: '/none' },
  };
  const read: ReadApi = (path) => {
    asked.push(path);
    return Promise.resolve(answers[asked.length - 1]);
  };
  await report(context, options, read);
  return { printed, asked };
}

const OPTIONS = { tz: 'Europe/Berlin', limit: 1000 };

test('who used Claude to reach the CRM last Tuesday is one command', async () => {
  const options = { ...OPTIONS, client: 'claude', server: 'crm', since: 'last tuesday' };
  const { printed, asked } = await run(reportAccess, options, [{ rows: [ACCESS], nextCursor: null }]);
  expect(asked).toEqual([
    '/api/v1/audit/reports/access?client=claude&server=crm&since=2026-11-16T23%3A00%3A00.000Z&until=2026-11-17T23%3A00%3A00.000Z&limit=1000',
  ]);
  expect(printed).toBe(`\
PERSON              SERVER  CLIENT      APP (CLAIMED)   CALLS  DENIED  TOOLS  FIRST                LAST
alice@acme.example  crm     mcp-bridge  claude desktop  7      1       2      2026-11-17 10:00:00  2026-11-17 11:00:00

1 row. Times are Europe/Berlin.
${FOOTER}`);
});

test('pages are fetched until the limit, and machines get every row', async () => {
  const pages = [
    { rows: [ACCESS, ACCESS], nextCursor: 'on' },
    { rows: [ACCESS], nextCursor: 'further' },
  ];
  const { printed, asked } = await run(reportAccess, { ...OPTIONS, limit: 3 }, pages, true);
  expect(asked).toEqual(['/api/v1/audit/reports/access?limit=3', '/api/v1/audit/reports/access?limit=1&cursor=on']);
  expect(JSON.parse(printed)).toEqual({ rows: [ACCESS, ACCESS, ACCESS], more: true });
});

test('do contractors reach what staff reach, in one sentence and row by row', async () => {
  const options = { ...OPTIONS, compare: 'contractors, staff' };
  const rows = [REACHED, { ...REACHED, reachedBy: 'right', target: 'refund', left: { calls: 0, persons: 0 } }];
  const { printed, asked } = await run(reportExposure, options, [{ rows, nextCursor: null }]);
  expect(asked).toEqual(['/api/v1/audit/reports/comparison?left=contractors&right=staff&limit=1000']);
  expect(printed).toContain('contractors and staff both reach 1 of them, contractors alone 0, staff alone 1.');
  expect(printed.split('\n')[2]?.split(/ {2,}/)).toEqual(['only staff', 'crm', 'refund', 'write', '0', '0', '5', '2']);
  for (const compare of ['contractors', 'a,b,c', ',']) {
    await expect(run(reportExposure, { ...OPTIONS, compare }, [])).rejects.toMatchObject({ code: 'usage' });
  }
});

test('an access review as CSV has columns to sign off, and no formula of whoever chose their own address', async () => {
  const options = { ...OPTIONS, server: 'crm', csv: true };
  const { printed } = await run(reportReview, options, [{ server: 'crm', rows: [REVIEWED], nextCursor: null }]);
  expect(printed).toBe(
    'Person,Groups,Calls,Denied,Last used,Tools,Grants,Own account,Keep or revoke,Reviewed by,Reviewed on\r\n' +
      "'=1+1@acme.example,okta/sales,1,0,2026-11-17T10:00:00.000Z,list,,,,,\r\n",
  );
});

test('denials and what nobody used say what they are about', async () => {
  const denial = { policies: [], code: null, person: ALICE, server: 'crm', target: 'pay', count: 3 };
  const times = { first: ACCESS.first, last: ACCESS.last, samples: ['one', 'two'] };
  const denials = await run(reportDenials, OPTIONS, [{ rows: [{ ...denial, ...times }], more: false }]);
  expect(denials.printed.split('\n')[1]?.split(/ {2,}/)).toEqual([
    '3',
    'alice@acme.example',
    'crm',
    'pay',
    'none permits it',
    '2026-11-17 11:00:00',
    'two',
  ]);
  const policy = { kind: 'policy', id: 'never', person: null, server: null, tool: null, since: null, lastUsed: null };
  const unused = await run(reportUnused, { ...OPTIONS, days: 30 }, [{ rows: [policy], more: false }]);
  expect(unused.asked).toEqual(['/api/v1/audit/reports/unused-grants?days=30']);
  expect(unused.printed).toContain('No call has made use of these in the last 30 days.');
});

test('nothing found is said, and a claim that steers the terminal prints as text', async () => {
  expect((await run(reportAccess, OPTIONS, [{ rows: [], nextCursor: null }])).printed).toBe(
    `Nothing matches.\n${FOOTER}`,
  );
  const row = { ...ACCESS, client: { id: 'mcp-bridge', claimedName: '\u001b[2Jx' } };
  const { printed } = await run(reportAccess, OPTIONS, [{ rows: [row], nextCursor: null }]);
  expect(printed).not.toMatch(/[^\P{C}\n]/u);
});
