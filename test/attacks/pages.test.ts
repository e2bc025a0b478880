import { beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../demo/walk/browser.js';
import type { Page } from '../../demo/walk/page.js';
import { accountOf, approvalOf } from '../../demo/walk/sign-in.js';
import { send } from '../support/http.js';
import { beginSignIn, browserUpToCallback, redeem, type Authorization } from '../support/person.js';
import { useStack } from '../support/stack.js';

const stack = useStack();
let started: Authorization;
let browser: Browser;
let confirm: Page;

/** A person in front of the confirm page. */
async function upToConfirm(): Promise<void> {
  started = await beginSignIn(stack());
  browser = browserUpToCallback();
  const choose = await browser.open(started.url);
  confirm = await pressed(browser, choose, accountOf(choose, 'alice'));
}

async function pressed(by: Browser, page: Page, choice: ReturnType<typeof approvalOf>): Promise<Page> {
  if (!choice) throw new Error(`Nothing to press on ${page.url.pathname}: ${page.text}`);
  return by.press(page, choice.form, choice.button);
}

beforeAll(upToConfirm);

describe('pitfall 9, login CSRF: the confirm page', () => {
  it('names account, client, address and time', () => {
    expect(confirm.status).toBe(200);
    expect(confirm.text).toContain('Alice Ahrens');
    expect(confirm.text).toContain('alice@demo.example');
    expect(confirm.text).toContain('mcp-bridge');
    expect(confirm.text).toContain('127.0.0.1');
    expect(confirm.text).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/);
  });

  it('can’t be framed, runs no script, leaks no address and stays in no cache', () => {
    const policy = String(confirm.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).not.toMatch(/unsafe|script-src/);
    expect(confirm.headers['x-frame-options']).toBe('DENY');
    expect(confirm.headers['x-content-type-options']).toBe('nosniff');
    expect(confirm.headers['referrer-policy']).toBe('no-referrer');
    expect(confirm.headers['cache-control']).toBe('no-store');
  });

  it('refuses a POST without its token, with a wrong one, and from another browser', async () => {
    const approve = approvalOf(confirm);
    if (!approve) throw new Error('There is no approve button.');
    const withoutToken = { ...approve.form, fields: [] };
    const wrongToken = {
      ...approve.form,
      fields: approve.form.fields.map(([name]) => [name, 'A'.repeat(43)] as const),
    };
    for (const [by, form] of [
      [browser, withoutToken],
      [browser, wrongToken],
      [browserUpToCallback(), approve.form],
    ] as const) {
      const page = await by.press(confirm, form, approve.button);
      expect(page.status).toBeGreaterThanOrEqual(400);
      expect(page.status).toBeLessThan(500);
    }
  });

  it('refuses what another site posts to it, though the browser is the right one', async () => {
    await upToConfirm();
    const approve = approvalOf(confirm);
    if (!approve) throw new Error('There is no approve button.');
    const evil: Page = { ...confirm, url: new URL('http://evil.example/'), headers: {} };
    const guess = { ...approve.form, fields: approve.form.fields.map(([name]) => [name, 'A'.repeat(43)] as const) };
    const page = await browser.press(evil, guess, approve.button);
    expect(page.status).toBeGreaterThanOrEqual(400);
    expect(page.status).toBeLessThan(500);
  });

  it('after a refusal by the person gives no code', async () => {
    await upToConfirm();
    const [form] = confirm.forms;
    const deny = form?.buttons.find(({ value }) => value === 'deny');
    if (!form || !deny) throw new Error('There is no way to refuse.');
    const page = await browser.press(confirm, form, deny);
    expect(page.url.searchParams.get('code')).toBeNull();
    expect(page.url.searchParams.get('error')).toBe('access_denied');
  });
});

describe('pitfall 9, session fixation: a sign-in that someone else began', () => {
  it('does not end in the browser of the one who was sent its address', async () => {
    const victim = browserUpToCallback();
    const attacker = new Browser((url) => url.pathname === '/auth/callback');
    const attempt = await beginSignIn(stack());
    const choose = await attacker.open(attempt.url);
    const callback = await pressed(attacker, choose, accountOf(choose, 'alice'));
    const page = await victim.open(callback.url);
    expect(page.status).toBeGreaterThanOrEqual(400);
    expect(page.status).toBeLessThan(500);
    expect(approvalOf(page)).toBeUndefined();
  });

  it('does not show its confirm page in another browser', async () => {
    await upToConfirm();
    const page = await browserUpToCallback().open(confirm.url);
    expect(page.status).toBeGreaterThanOrEqual(400);
    expect(approvalOf(page)).toBeUndefined();
  });

  it('ends once: its confirm page works a single time', async () => {
    await upToConfirm();
    const approve = approvalOf(confirm);
    const first = await pressed(browser, confirm, approve);
    expect(first.url.searchParams.get('code')).not.toBeNull();
    const second = await pressed(browser, confirm, approve);
    expect(second.status).toBeGreaterThanOrEqual(400);
    await expect(redeem(started, first.url, 'alice')).resolves.toMatchObject({ person: 'alice' });
  });
});

describe('the identity provider’s callback', () => {
  it.each(['', '?code=x', '?code=x&state=unknown', '?error=access_denied&state=unknown'])(
    'with “%s” is refused with a page that says what to do',
    async (query) => {
      const answer = await send(`${stack().addresses.publicUrl}/auth/callback${query}`);
      expect(answer.status).toBe(400);
      expect(String(answer.headers['content-type'])).toContain('text/html');
      expect(answer.headers['x-frame-options']).toBe('DENY');
      expect(answer.text).toContain('Start again');
    },
  );
});
