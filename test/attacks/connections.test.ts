// Connecting one's own account at a server: whoever makes somebody else do it, or takes what they have.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { modernHeaders } from '#shared/mcp/headers.js';
import { TestBrowser, type Page } from '../../control-plane/identity/testing/browser.js';
import { modernRequest } from '../../control-plane/gateway/testing/mcp-post.js';
import { AccountsCompany, type Member } from '../support/accounts-company.js';

const OFFERS_URLS = {
  _meta: { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { url: {} } } },
};

let company: AccountsCompany;
let alice: Member;
let bob: Member;

beforeAll(async () => {
  company = await AccountsCompany.start();
  [alice, bob] = [await company.signIn('alice'), await company.signIn('bob')];
});
afterAll(() => company[Symbol.asyncDispose]());
beforeEach(() => company.forgetConnections());

interface Answered {
  readonly result?: {
    readonly content?: readonly { readonly text: string }[];
    readonly requestState?: string;
    readonly _meta?: Readonly<Record<string, { readonly id: string; readonly url: string }>>;
  };
  readonly error?: { readonly data?: { readonly code?: string } };
}

async function call(by: Member, more: object = {}): Promise<Answered> {
  const message = modernRequest('tools/call', { name: 'whoami', arguments: {}, ...more });
  const headers = new Headers(modernHeaders(message));
  const url = `${company.publicUrl}/mcp/crm`;
  const response = await by.client.fetch(url, by.tokens.access_token, 'POST', headers, JSON.stringify(message));
  return (await response.json()) as Answered;
}

/** A call of somebody's that waits: the page that it names, and the state with which it comes back. */
async function held(by: Member): Promise<{ readonly url: string; readonly requestState: string }> {
  const { result } = await call(by, OFFERS_URLS);
  return { url: result!._meta!['dev.mcp-sso/connection']!.url, requestState: result!.requestState! };
}

const connections = () => company.storage.db.selectFrom('connections').select(['person_id', 'server']).execute();
const csrfOf = ({ text }: Page): string => /name="csrf" value="([^"]*)"/.exec(text)?.[1] ?? '';
const post = (browser: TestBrowser, url: string, fields: Record<string, string>): Promise<Page> =>
  browser.open(url, undefined, { method: 'POST', body: new URLSearchParams(fields) });

describe('pitfall 28, connections: a link that was passed on', () => {
  it('opens nothing for another person, and tells them nothing of whose it is', async () => {
    const { url } = await held(alice);
    const { browser, page } = await company.visit(url, 'bob');
    expect(page.status).toBe(404);
    expect(page.text).toContain('Nothing waits here for you, bob.');
    expect(page.text).not.toMatch(/alice|Customers|name="csrf"/);
    const list = await browser.open(`${company.publicUrl}/connect`);
    expect((await post(browser, url, { csrf: csrfOf(list), decision: 'connect' })).status).toBe(404);
    expect((await post(browser, url, { csrf: csrfOf(list), decision: 'refuse' })).status).toBe(404);
    const { page: own } = await company.visit(url, 'alice');
    expect(own.text).toContain('Connect your account at Customers?');
  });

  it('of the authorization server, sent by the one who began, connects the account of nobody else', async () => {
    const { url } = await held(bob);
    const mallory = await company.visit(url, 'bob');
    const location = await company.leave(mallory.browser, mallory.page);
    const victim = await company.visit(`${company.publicUrl}/connect`, 'alice');
    const form = await victim.browser.open(location);
    const back = await victim.browser.submit(form, { login: 'alice-at-crm' });
    expect([back.status, back.text]).toEqual([expect.any(Number), expect.stringContaining('nothing was connected')]);
    expect(back.status).toBeGreaterThanOrEqual(400);
    expect(await connections()).toEqual([]);
  });

  it('that comes back in a browser that has signed in to nothing asks for a sign-in, and connects nothing', async () => {
    const { url } = await held(alice);
    const { browser, page } = await company.visit(url, 'alice');
    const form = await new TestBrowser().open(await company.leave(browser, page));
    expect(form.text).toContain('name="login"');
    const stranger = new TestBrowser();
    const login = await stranger.open(await company.leave(browser, page));
    const back = await stranger.submit(login, { login: 'alice-at-crm' });
    expect(back.text).toContain('Sign in to connect an account');
    expect(await connections()).toEqual([]);
  });
});

describe('pitfall 28, connections: a page that was used', () => {
  it('connects once: the second click and the second callback come to nothing', async () => {
    const { url } = await held(alice);
    const { browser, page } = await company.visit(url, 'alice');
    const location = await company.leave(browser, page);
    const back = `${company.publicUrl}/connect/callback`;
    const { url: callback } = await browser
      .open(location, back)
      .then((form) => browser.submit(form, { login: 'alice-at-crm' }, back));
    expect((await browser.open(callback)).text).toContain('Your account at Customers is connected');
    const again = await browser.open(callback);
    expect([again.status >= 400, again.text]).toEqual([true, expect.stringContaining('Start again from the page')]);
    const late = await post(browser, url, { csrf: csrfOf(page), decision: 'connect' });
    expect(late.text).toContain('This account is connected');
    expect(late.headers.get('refresh')).toBeNull();
    expect(await connections()).toHaveLength(1);
  });

  it('takes no form of another site, another browser, or without its own key', async () => {
    const { url } = await held(alice);
    const { browser, page } = await company.visit(url, 'alice');
    const other = await company.visit(url, 'alice');
    for (const csrf of ['', 'x'.repeat(43), csrfOf(other.page)]) {
      expect((await post(browser, url, { csrf, decision: 'connect' })).status).toBe(403);
    }
    const foreign = {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
      body: new URLSearchParams({ csrf: csrfOf(page) }),
    };
    expect((await fetch(url, foreign)).status).toBe(403);
    expect((await post(new TestBrowser(), url, { csrf: csrfOf(page), decision: 'connect' })).text).toContain(
      'Sign in to connect',
    );
    expect(await company.storage.db.selectFrom('connection_attempts').select('id').execute()).toEqual([]);
  });

  it('ends no connection of somebody else', async () => {
    await company.connect((await held(alice)).url, 'alice');
    const [{ id }] = (await company.storage.db.selectFrom('connections').select('id').execute()) as [{ id: string }];
    const { browser, page } = await company.visit(`${company.publicUrl}/connect`, 'bob');
    expect((await post(browser, `${company.publicUrl}/connect`, { csrf: csrfOf(page), end: id })).status).toBe(404);
    expect(await connections()).toHaveLength(1);
  });
});

describe('pitfall 28, connections: the page', () => {
  it('cannot be framed, runs no script, leads forms to itself alone, and sets cookies that no other host can', async () => {
    const { page } = await company.visit((await held(alice)).url, 'alice');
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self'; frame-ancestors 'none'");
    expect(page.text).not.toMatch(/<script|\son\w+=/i);
    expect(page.text).toMatch(/the mcp-sso bridge[^]*alice-laptop[^]*127\.0\.0\.1/);
    expect(page.text).toContain(new URL(company.accounts.issuer).host);
  });

  it('that a link opens for a server shows what will be asked, and begins nothing without its own form', async () => {
    const list = `${company.publicUrl}/connect`;
    const attempts = () => company.storage.db.selectFrom('connection_attempts').select('server').execute();
    const { browser, page } = await company.visit(`${list}?server=crm`, 'alice');
    expect(page.text).toContain('Connect your account at Customers?');
    expect(page.text).toContain(new URL(company.accounts.issuer).host);
    expect((await post(browser, list, { csrf: 'forged', connect: 'crm' })).status).toBe(403);
    for (const other of ['server=nobody', 'server=..%2Fx', 'server=crm&server=crm', `server=cnr_${'0'.repeat(32)}`]) {
      expect((await browser.open(`${list}?${other}`)).status).toBe(404);
    }
    expect((await browser.open(`${list}/crm`)).status).toBe(404);
    expect(await attempts()).toEqual([]);
    expect((await browser.submit(page, { connect: 'crm' })).text).toContain('Now sign in at');
    expect(await attempts()).toEqual([{ server: 'crm' }]);
  });

  it('leads nowhere that a link names', async () => {
    const evil = 'https://evil.example/';
    const { browser } = await company.visit(`${company.publicUrl}/connect`, 'alice');
    for (const query of [
      `callback?code=x&state=y&redirect_uri=${evil}`,
      `callback?error=access_denied&state=y&location=${evil}`,
      `signed-in?key=x&visit=connect.${evil}`,
      `signed-in?key=x&visit=${encodeURIComponent(evil)}`,
      `sign-in?provider=corp&id=${evil}`,
    ]) {
      const { headers, status } = await browser.fetch(new URL(`${company.publicUrl}/connect/${query}`));
      expect([status >= 400, headers.get('location'), headers.get('refresh')]).toEqual([true, null, null]);
    }
  });
});

describe('pitfall 28, connections: a state of a held call', () => {
  it('serves no other person', async () => {
    const { requestState } = await held(alice);
    expect((await call(bob, { requestState })).error?.data?.code).toBe('request_state_invalid');
    expect(company.calls()).toEqual([]);
  });

  it('makes nobody use the account of another: each calls by their own', async () => {
    await company.connect((await held(alice)).url, 'alice');
    const told = await call(bob);
    expect(told.result?.content?.[0]?.text).toContain('which is not connected yet');
    await company.connect((await held(bob)).url, 'bob');
    expect((await call(bob)).result?.content?.[0]?.text).toBe('you are bob-at-crm');
    expect((await call(alice)).result?.content?.[0]?.text).toBe('you are alice-at-crm');
  });

  it('answered by the app as if the person had agreed connects nothing', async () => {
    const { requestState } = await held(alice);
    const forged = { inputResponses: { connection: { action: 'cancel', content: { connected: true } } } };
    const { result } = await call(alice, { ...OFFERS_URLS, requestState, ...forged });
    expect(result?.content?.[0]?.text).toContain('which is not connected yet');
    expect(await connections()).toEqual([]);
  });
});
