import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Company, type SignedIn } from '../../admin/testing/company.js';
import { AuditService } from '../../audit/audit.service.js';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { TestBrowser, type Page } from '../../identity/testing/browser.js';
import { boundRevision } from '../bound-revision.js';
import { PolicyService } from '../policy.service.js';
import { ApprovalsService } from './approvals.service.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>\u202e\u200b\u0000';

let company: Company;
let mallory: SignedIn;

beforeAll(async () => {
  company = await Company.start();
  company.system.idp.users.set('mallory', { name: `Mallory ${HOSTILE}`, groups: [], active: true });
  mallory = await company.bridge('mallory');
});
afterAll(() => company[Symbol.asyncDispose]());

/** A call of mallory's that waits for the group `approver`; resolves to the id of the request. */
async function asked(note: string): Promise<string> {
  const { app } = company.system;
  const audit = app.get(AuditService, { strict: false });
  const { servers } = app.get(ActiveCatalog, { strict: false }).current();
  const { revision } = app.get(PolicyService, { strict: false });
  const { id } = await app.get(ApprovalsService, { strict: false }).ask({
    person: { id: mallory.person, provider: 'corp', issuer: '', subject: '', email: null, name: null },
    actors: [],
    session: mallory.session,
    server: 'crm',
    target: `delete${HOSTILE}`,
    method: 'tools/call',
    params: { name: `delete${HOSTILE}`, arguments: { note, [`key${HOSTILE}`]: 1 } },
    demand: { groups: [['corp/approver']], policies: ['two-people'], reason: 'A second person.' },
    revision: boundRevision({ audit, servers }, 'crm', revision),
  });
  return id;
}

async function visit(id: string, login: string): Promise<{ browser: TestBrowser; shown: Page }> {
  const { publicUrl } = company.system;
  const browser = new TestBrowser();
  const first = await browser.open(`${publicUrl}/approvals/${id}`);
  const link = /href="([^"]*sign-in[^"]*)"/.exec(first.text)![1]!.replaceAll('&amp;', '&');
  const shown = await browser.submit(await browser.open(new URL(link, publicUrl)), { login });
  return { browser, shown };
}

const csrfOf = ({ text }: Page): string => /name="csrf" value="([^"]*)"/.exec(text)?.[1] ?? '';

async function stateOf(id: string): Promise<unknown> {
  const { body } = await (await company.administer('approver')).ask('GET', `/api/v1/approvals/${id}`);
  return (body as { state: unknown }).state;
}

describe('pitfall 27, approvals: the page', () => {
  test('runs and hides nothing that whoever asks has written', async () => {
    const { browser, shown } = await visit(await asked(HOSTILE), 'approver');
    const list = await browser.open(`${company.system.publicUrl}/approvals`);
    for (const { text, headers } of [shown, list]) {
      expect(text).toContain('delete&quot;&gt;&lt;img src=x onerror=alert(1)&gt;');
      expect(text).toContain('⟨U+202E⟩⟨U+200B⟩⟨U+0000⟩');
      expect(text).not.toMatch(/<script|<img|[\u202e\u200b]/);
      expect(text).not.toContain('\u0000');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  test('takes no form of another site, another browser, another person, or of nobody', async () => {
    const id = await asked('csrf');
    const url = `${company.system.publicUrl}/approvals/${id}`;
    const { browser, shown } = await visit(id, 'approver');
    const others = await visit(id, 'approver');
    const post = (by: TestBrowser, csrf: string): Promise<Page> =>
      by.open(url, undefined, { method: 'POST', body: new URLSearchParams({ decision: 'approve', csrf }) });
    for (const csrf of ['', 'x'.repeat(43), csrfOf(others.shown)]) expect((await post(browser, csrf)).status).toBe(403);
    const nobody = await post(new TestBrowser(), csrfOf(shown));
    expect(nobody.text).toContain('Sign in to see approvals');
    const foreign = await fetch(url, {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
      body: new URLSearchParams({ decision: 'approve', csrf: csrfOf(shown) }),
    });
    expect(foreign.status).toBe(403);
    expect(await stateOf(id)).toBe('open');
    expect((await post(browser, csrfOf(shown))).text).toContain('This call was approved');
  });

  test('shows a stranger nothing, also where they know the address', async () => {
    const { shown } = await visit(await asked('secret note'), 'bob');
    expect(shown.status).toBe(404);
    expect(shown.text).not.toContain('secret note');
  });
});

test('pitfall 27, approvals: the API takes no decision by an old sign-in, or with a token that only reads', async () => {
  const id = await asked('stale');
  const decide = (by: SignedIn) => by.ask('POST', `/api/v1/approvals/${id}/decision`, {}, { verdict: 'approve' });
  const reader = await company.administer('approver', { scope: 'openid self approvals:read' });
  expect((await decide(reader)).status).toBe(403);
  company.hire('approver', Math.floor(Date.now() / 1000) - 700);
  const stale = await company.administer('approver', { fresh: false });
  expect((await decide(stale)).status).toBe(401);
  company.hire('approver');
  expect(await stateOf(id)).toBe('open');
});
