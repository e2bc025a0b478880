import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from '../../control-plane/identity/testing/browser.js';
import { REDIRECT_URI, TestClient } from '../../control-plane/identity/testing/client.js';
import { linkIn, TwoProviders } from '../../control-plane/identity/testing/two-providers.js';
import { StorageService } from '../../control-plane/storage/storage.service.js';

let company: TwoProviders;

beforeAll(async () => {
  company = await TwoProviders.start();
  company.corp.users.set('mallory', { email: 'mallory@acme.example', active: true });
});
afterAll(() => company[Symbol.asyncDispose]());

async function choose(): Promise<{ client: TestClient; page: Page }> {
  const client = await TestClient.of(company.system.publicUrl);
  return { client, page: await client.browser.open(await client.authorizationUrl(), REDIRECT_URI) };
}

async function typed(email: string): Promise<Page> {
  const { client, page } = await choose();
  return client.browser.submit(page, { email });
}

/** What is answered to an address, without what is random. */
async function shapeOf(email: string): Promise<{ status: number; text: string }> {
  const { status, text } = await typed(email);
  const random = /(state|nonce|code_challenge|login_hint)=[^&"]*|interaction\/[\w-]+/g;
  return { status, text: text.replaceAll(random, '$1') };
}

/** Who the tokens are of, after `email` was typed and `login` signed in. */
async function signedIn(email: string, login: string): Promise<{ person: unknown; email: unknown }> {
  const { client, page } = await choose();
  const found = await client.browser.submit(page, { email });
  const form = await client.browser.open(linkIn(found.text, 'Continue'));
  const confirm = await client.browser.submit(form, { login }, REDIRECT_URI);
  const { url } = await client.browser.submit(confirm, { decision: 'approve' }, REDIRECT_URI);
  const tokens = await client.redeem(url);
  return { person: decodeJwt(tokens.access_token).sub, email: tokens.claims()?.['email'] };
}

async function attempts(): Promise<number> {
  const { db } = company.system.app.get(StorageService);
  return (await db.selectFrom('login_attempts').select('id').execute()).length;
}

describe('pitfall 22, people by the address that they type', () => {
  it('who typed somebody’s address is still who signed in', async () => {
    const alice = await signedIn('alice@acme.example', 'alice');
    const mallory = await signedIn('alice@acme.example', 'mallory');
    expect(alice.email).toBe('alice@acme.example');
    expect(mallory.email).toBe('mallory@acme.example');
    expect(mallory.person).not.toBe(alice.person);
  });

  it('two providers that claim one address have two people', async () => {
    const one = await signedIn('alice@acme.example', 'alice');
    const two = await signedIn('alice@bought.example', 'alice');
    expect(two.email).toBe(one.email);
    expect(two.person).not.toBe(one.person);
  });

  it('the answer is the same for people who exist and who do not', async () => {
    const known = await shapeOf('alice@acme.example');
    expect(known.status).toBe(200);
    expect(await shapeOf('nobody@acme.example')).toEqual(known);
  });

  it.each(['x.acme.example', 'acme.example.evil.test', 'acme-example', 'evilacme.example', 'example'])(
    'an address at %s leads nowhere',
    async (domain) => {
      const page = await typed(`alice@${domain}`);
      expect(page.status).toBe(400);
      expect(page.text).toContain(`Nobody with an address at ${domain} signs in here.`);
    },
  );

  it.each([
    'alice@acme.example&prompt=none',
    'alice@acme.example#',
    'a b@acme.example',
    'alice@acme.example\r\nSet-Cookie: a=b',
  ])('an address that would add to the request is none: %j', async (email) => {
    const page = await typed(email);
    expect(page.status).toBe(400);
    expect(page.text).toContain('That is no e-mail address.');
    expect(page.headers.getSetCookie().join()).not.toContain('a=b');
  });

  it('only the page’s own form is taken, in the browser that it was shown to', async () => {
    const mine = await choose();
    const other = await choose();
    const email = 'alice@acme.example';
    const before = await attempts();
    const tries = [
      mine.client.browser.submit(
        { ...mine.page, text: mine.page.text.replaceAll(/name="csrf" value="[^"]*"/g, '') },
        { email },
      ),
      mine.client.browser.submit(
        { ...mine.page, text: mine.page.text.replace(/value="[\w-]{43}"/, `value="${'A'.repeat(43)}"`) },
        { email },
      ),
      other.client.browser.submit(mine.page, { email }),
    ];
    expect((await Promise.all(tries)).map(({ status }) => status)).toEqual([403, 403, 400]);
    expect(await attempts()).toBe(before);
    expect((await mine.client.browser.submit(mine.page, { email })).status).toBe(200);
  });
});
