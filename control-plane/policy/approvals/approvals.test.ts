import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Company, type SignedIn } from '../../admin/testing/company.js';
import { AuditService } from '../../audit/audit.service.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { TestBrowser } from '../../identity/testing/browser.js';
import { SessionsService } from '../../identity/sessions/sessions.service.js';
import { boundRevision } from '../bound-revision.js';
import { PolicyService } from '../policy.service.js';
import type { ApprovalCall } from './approval.js';
import { ApprovalsService } from './approvals.service.js';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const SCOPE = 'openid self approvals:read approvals:write';
const GROUPS = [['corp/approver']];

let company: Company;
let approvals: ApprovalsService;
let alice: SignedIn;

beforeAll(async () => {
  company = await Company.start();
  approvals = company.system.app.get(ApprovalsService, { strict: false });
  alice = await company.bridge('alice');
});
afterAll(() => company[Symbol.asyncDispose]());

function call(
  params: Record<string, unknown>,
  { groups = GROUPS, by = alice, actors = [] as readonly string[] } = {},
): ApprovalCall {
  const { app } = company.system;
  const audit = app.get(AuditService, { strict: false });
  const { servers } = app.get(ActiveCatalog, { strict: false }).current();
  const { revision } = app.get(PolicyService, { strict: false });
  return {
    person: { id: by.person, provider: 'corp', issuer: '', subject: '', email: null, name: null },
    actors,
    session: by.session,
    server: 'crm',
    target: '<img src=x>',
    method: 'tools/call',
    params,
    demand: { groups, policies: ['two-people'], reason: 'Deleting needs a second person.' },
    revision: boundRevision({ audit, servers }, 'crm', revision),
  };
}

const decide = (who: SignedIn, id: string, verdict: string) =>
  who.ask('POST', `/api/v1/approvals/${id}/decision`, {}, { verdict });
const administer = (name: string) => company.administer(name, { scope: SCOPE });

test('somebody of the group approves by the API, and the call may be made once', async () => {
  const asked = await approvals.ask(call({ account: 1 }));
  const approver = await administer('approver');
  const { body } = await approver.ask('GET', '/api/v1/approvals');
  expect(body).toMatchObject({ approvals: [{ id: asked.id, mine: true, own: false, state: 'open' }] });
  expect((await decide(approver, asked.id, 'approve')).body).toMatchObject({ state: 'approved', mine: false });
  const used = await Promise.all([1, 2, 3].map(() => approvals.use(call({ account: 1 }))));
  expect(used.filter((one) => one !== undefined)).toHaveLength(1);
});

test('what is approved for an agent of a person is for that agent, who is named', async () => {
  const asked = call({ account: 11 }, { actors: ['agent/reporter'] });
  const { id } = await approvals.ask(asked);
  const approver = await administer('approver');
  expect((await decide(approver, id, 'approve')).body).toMatchObject({ actors: ['agent/reporter'] });
  expect(await approvals.use(call({ account: 11 }))).toBeUndefined();
  expect(await approvals.use(call({ account: 11 }, { actors: ['agent/other'] }))).toBeUndefined();
  expect(await approvals.use(asked)).toMatchObject({ id });
});

test('nobody approves their own, whichever sign-in they use, and strangers see nothing', async () => {
  const approver = await administer('approver');
  const own = call({ account: 2 }, { by: approver });
  const { id } = await approvals.ask(own);
  const again = await administer('approver');
  expect(await decide(again, id, 'approve')).toMatchObject({ status: 403, body: { code: 'role_missing' } });
  const { body } = await again.ask('GET', `/api/v1/approvals/${id}`);
  expect(body).toMatchObject({ own: true, mine: false, arguments: null });
  for (const name of ['owner', 'admin', 'bob']) {
    const stranger = await administer(name);
    expect((await stranger.ask('GET', `/api/v1/approvals/${id}`)).status).toBe(404);
    expect((await decide(stranger, id, 'approve')).status).toBe(404);
  }
});

test('each demanded group has to approve, and each person once', async () => {
  const asked = call({ account: 3 }, { groups: [['corp/approver'], ['corp/owner', 'corp/admin']] });
  const { id } = await approvals.ask(asked);
  const [approver, admin] = await Promise.all([administer('approver'), administer('admin')]);
  expect((await decide(approver, id, 'approve')).body).toMatchObject({ state: 'open' });
  expect((await decide(approver, id, 'approve')).status).toBe(400);
  expect(await approvals.use(asked)).toBeUndefined();
  expect((await decide(admin, id, 'approve')).body).toMatchObject({ state: 'approved' });
  expect(await approvals.use(asked)).toMatchObject({ id });
});

test('it ends with the millisecond, with other settings, and with the sign-in that asked', async () => {
  const asked = call({ account: 4 });
  const { id, expiresAt } = await approvals.ask(asked);
  const approver = await administer('approver');
  vi.useFakeTimers({ toFake: ['Date'], now: expiresAt });
  try {
    expect((await approvals.look(id, asked))?.state).toBe('expired');
    vi.setSystemTime(expiresAt - 1);
    expect((await approvals.look(id, asked))?.state).toBe('open');
  } finally {
    vi.useRealTimers();
  }
  expect(await approvals.look(id, { ...asked, revision: 'another' })).toBeUndefined();
  const leaver = await company.bridge('bob');
  const theirs = await approvals.ask(call({ account: 5 }, { by: leaver }));
  await decide(approver, theirs.id, 'approve');
  await company.system.app.get(SessionsService, { strict: false }).end(leaver.session, 'signed-out');
  const elsewhere = { ...call({ account: 5 }, { by: leaver }), session: 'ses_another' };
  expect(await approvals.use(elsewhere)).toBeUndefined();
});

test('the page: a sign-in of its own, nothing hidden and nothing run, and no form of another site', async () => {
  const { publicUrl } = company.system;
  const asked = call({ note: '<script>alert(1)</script>\u202e' });
  const { id } = await approvals.ask(asked);
  const browser = new TestBrowser();
  const first = await browser.open(`${publicUrl}/approvals/${id}`);
  expect(first.text).toContain('Sign in to see approvals');
  expect(first.text).not.toContain('note');
  const link = /href="([^"]*sign-in[^"]*)"/.exec(first.text)![1]!.replaceAll('&amp;', '&');
  const idp = await browser.open(new URL(link, publicUrl));
  const shown = await browser.submit(idp, { login: 'approver' });
  expect(shown.url.pathname).toBe(`/approvals/${id}`);
  expect(shown.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;⟨U+202E⟩');
  expect(shown.text).toContain('&lt;img src=x&gt;');
  expect(shown.text).not.toMatch(/<script|<img/);
  expect(shown.headers.get('content-security-policy')).toContain("default-src 'none'");
  const forged = { method: 'POST', body: new URLSearchParams({ decision: 'approve', csrf: 'x'.repeat(43) }) };
  expect((await browser.open(`${publicUrl}/approvals/${id}`, undefined, forged)).status).toBe(403);
  expect((await approvals.look(id, asked))?.state).toBe('open');
  const done = await browser.submit(shown, { decision: 'approve' });
  expect(done.text).toContain('This call was approved');
  expect(await approvals.use(asked)).toMatchObject({ id });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 });
  try {
    expect((await browser.open(`${publicUrl}/approvals/${id}`)).text).toContain('Sign in to see approvals');
  } finally {
    vi.useRealTimers();
  }
});
