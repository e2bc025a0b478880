import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Company, type SignedIn } from '../../admin/testing/company.js';
import { denialOf } from '../../admin/testing/denials.js';
import { TestBrowser, type Page } from '../../identity/testing/browser.js';
import { GrantRequests } from '../grants/grant-requests.service.js';
import { LiveGrants } from '../grants/live-grants.js';
import { AccessDesk } from './access-desk.service.js';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const SETTINGS = { servers: { crm: { url: 'https://crm.corp.test/mcp' } } };

let company: Company;
let alice: SignedIn;

beforeAll(async () => {
  company = await Company.start(SETTINGS);
  alice = await company.bridge('alice');
});
afterAll(() => company[Symbol.asyncDispose]());

/** Opens an address of the page in a new browser, signs in, and resolves with what is shown then. */
async function visit(path: string, login: string): Promise<{ browser: TestBrowser; shown: Page }> {
  const { publicUrl } = company.system;
  const browser = new TestBrowser();
  const first = await browser.open(publicUrl + path);
  expect(first.text).toContain('Sign in to see approvals');
  const link = /href="([^"]*sign-in[^"]*)"/.exec(first.text)![1]!.replaceAll('&amp;', '&');
  const shown = await browser.submit(await browser.open(new URL(link, publicUrl)), { login });
  expect(shown.url.pathname + shown.url.search).toBe(path);
  return { browser, shown };
}

const ask = async (fields: Record<string, string>, target = 'add_customer'): Promise<Page> => {
  const { browser, shown } = await visit(
    `/approvals?request=${await denialOf(company, alice.person, { target })}`,
    'alice',
  );
  expect(shown.text).toContain(`crm/${target}`);
  return browser.submit(shown, fields);
};
const requestIn = ({ text }: Page): string => /access\/(grq_[0-9a-f]{32})/.exec(text)![1]!;
const stateOf = async (id: string) => (await company.system.app.get(GrantRequests, { strict: false }).find(id)).state;

test('the address in a denial leads to a form, an approver gives it for less time, and the grant is live', async () => {
  const asked = await ask({ reason: 'Ticket <b>4711</b>', minutes: '30' });
  expect(asked.text).toContain('This waits for an answer');
  expect(asked.text).toContain('Ticket &lt;b&gt;4711&lt;/b&gt;');
  const { browser, shown: list } = await visit('/approvals', 'approver');
  const id = requestIn(list);
  expect(list.text).toContain('crm/add_customer');
  expect(list.text).toContain('alice@corp.test');
  const one = await browser.open(`${company.system.publicUrl}/approvals/access/${id}`);
  expect(one.text).toContain('Give this access?');
  const given = await browser.submit(one, { decision: 'give', minutes: '10' });
  expect(given.text).toContain('This access was given');
  const live = company.system.app.get(LiveGrants, { strict: false });
  await live.confirm();
  const target = { kind: 'tool', name: 'add_customer' } as const;
  expect(live.grantFor(alice.person, 'crm', target, Date.now() + 9 * 60_000)?.kind).toBe('grant');
  expect(live.grantFor(alice.person, 'crm', target, Date.now() + 11 * 60_000)).toBe(undefined);
});

test('a refusal needs a reason, which whoever asked reads', async () => {
  await ask({ reason: 'Please' }, 'drop');
  const { browser, shown: list } = await visit('/approvals', 'approver');
  const id = requestIn(list);
  const one = await browser.open(`${company.system.publicUrl}/approvals/access/${id}`);
  expect((await browser.submit(one, { decision: 'refuse', reason: '' })).status).toBe(400);
  expect(await stateOf(id)).toBe('open');
  expect((await browser.submit(one, { decision: 'refuse', reason: 'Not yours' })).text).toContain(
    'This access was refused',
  );
  const { shown } = await visit(`/approvals/access/${id}`, 'alice');
  expect(shown.text).toContain('Not yours');
});

test('nobody answers their own request, or without the role, on the page either', async () => {
  const { person } = await company.bridge('approver');
  const reference = await denialOf(company, person, { target: 'own' });
  const mine = await visit(`/approvals?request=${reference}`, 'approver');
  const own = await mine.browser.submit(mine.shown, { reason: 'Please' });
  expect(own.text).toContain('This waits for an answer');
  expect(own.text).not.toContain('name="decision"');
  const list = await mine.browser.open(`${company.system.publicUrl}/approvals`);
  expect(list.text).toMatch(/Nothing\.[\s\S]*Your own[\s\S]*crm\/own/);
  const id = requestIn(list);
  const csrf = /name="csrf" value="([^"]*)"/.exec(mine.shown.text)![1]!;
  const body = (): URLSearchParams => new URLSearchParams({ decision: 'give', minutes: '1', csrf });
  const url = `${company.system.publicUrl}/approvals/access/${id}`;
  const forged = await mine.browser.open(url, undefined, { method: 'POST', body: body() });
  expect([forged.status, forged.text.includes('policy_denied')]).toEqual([403, true]);
  const { browser, shown } = await visit('/approvals', 'alice');
  expect(shown.text).not.toContain('crm/own');
  expect((await browser.open(url)).status).toBe(404);
  expect((await browser.open(url, undefined, { method: 'POST', body: body() })).status).toBe(403);
  expect(await stateOf(id)).toBe('open');
});

test('an account with the same e-mail address may not answer either', async () => {
  await ask({ reason: 'Please' }, 'twin');
  company.system.idp.users.set('alice-2', { email: 'ALICE@corp.test', groups: ['approver'], active: true });
  const { browser, shown } = await visit('/approvals', 'alice-2');
  expect(shown.text).not.toContain('crm/twin');
  const [request] = await company.system.app
    .get(GrantRequests, { strict: false })
    .list({ people: [alice.person], limit: 1 });
  const url = `${company.system.publicUrl}/approvals/access/${request!.id}`;
  const one = await browser.open(url);
  expect(one.text).not.toContain('name="decision"');
  const acting = { decision: 'give', csrf: 'x'.repeat(43) };
  expect((await browser.submit(one, acting)).status).toBe(403);
  const { system } = company;
  const desk = system.app.get(AccessDesk, { strict: false });
  const { person: id } = await company.bridge('alice-2');
  const twin = { id, provider: 'corp', issuer: '', subject: 'alice-2', email: 'ALICE@corp.test', name: null };
  const approver = { person: twin, groups: ['corp/approver'], authTime: Date.now(), address: '192.0.2.1' };
  await expect(desk.decide(request!.id, approver, { give: true, minutes: 1 })).rejects.toMatchObject({
    code: 'policy_denied',
  });
  const stale = { ...approver, person: { ...twin, email: null }, authTime: Date.now() - 601_000 };
  await expect(desk.decide(request!.id, stale, { give: true, minutes: 1 })).rejects.toMatchObject({
    code: 'sign_in_stale',
  });
  expect(await stateOf(request!.id)).toBe('open');
});

test('a reference of somebody else, and one that is none, ask for nothing', async () => {
  const foreign = await denialOf(company, alice.person, { target: 'foreign' });
  const { shown } = await visit(`/approvals?request=${foreign}`, 'bob');
  expect(shown.status).toBe(404);
  expect(shown.text).not.toContain('foreign');
  const { publicUrl } = company.system;
  for (const reference of ['no-such', '<script>', `${foreign}/../..`, `${foreign}&request=1`]) {
    const page = await new TestBrowser().open(`${publicUrl}/approvals?request=${encodeURIComponent(reference)}`);
    expect(page.status).toBe(404);
    expect(page.text).not.toMatch(/no-such|<script/);
  }
});
