import { beforeAll, describe, expect, it } from 'vitest';
import { PATHS } from '#shared/api/paths.js';
import { Browser } from '../../demo/walk/browser.js';
import type { Page } from '../../demo/walk/page.js';
import { approvalOf, codeFormOf, typeCode } from '../../demo/walk/sign-in.js';
import { searchAudit } from '../support/audit.js';
import { ageDeviceCodes } from '../support/database.js';
import {
  askForCode,
  deviceLogin,
  poll,
  reconfigure,
  startDevice,
  typedCode,
  upToConfirm,
  type WaitingDevice,
} from '../support/device.js';
import { credentials, send } from '../support/http.js';
import { sendMcp } from '../support/mcp.js';
import { signInAsAuditor } from '../support/person.js';
import { newKey } from '../support/proof.js';
import { useStack } from '../support/stack.js';

const DENIED = [400, 'access_denied'];
const PENDING = [400, 'authorization_pending'];
const INVALID_GRANT = [400, 'invalid_grant'];

function said({ status, error }: { status: number; error: string | undefined }): unknown[] {
  return [status, error];
}

async function approve(browser: Browser, confirm: Page): Promise<Page> {
  const choice = approvalOf(confirm);
  if (!choice) throw new Error(`Nothing to approve on ${confirm.url.pathname}: ${confirm.text}`);
  return browser.press(confirm, choice.form, choice.button);
}

describe('pitfall 8, device-code phishing: a device login', () => {
  const stack = useStack();
  let device: WaitingDevice;
  let browser: Browser;

  async function beforeConfirm(person = 'alice'): Promise<Page> {
    device = await startDevice(stack());
    browser = new Browser();
    return upToConfirm(stack(), browser, device.code, person);
  }

  it('gives a short code to type, no address that holds it, and says how long and how often', async () => {
    const { answer, code } = await startDevice(stack());
    expect(code).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
    expect(answer).toEqual({
      device_code: expect.stringMatching(/^[\w-]{43}$/),
      user_code: code,
      verification_uri: `${stack().addresses.publicUrl}/oauth/device`,
      expires_in: 600,
      interval: 5,
    });
  });

  it('fills in no code from an address', async () => {
    const { code } = await startDevice(stack());
    const page = await new Browser().open(`${stack().addresses.publicUrl}/oauth/device?user_code=${code}`);
    expect(page.status).toBe(200);
    expect(page.html).not.toContain(code);
    expect(codeFormOf(page)?.form.fields).toContainEqual(['user_code', '']);
    expect(page.headers['x-frame-options']).toBe('DENY');
    expect(page.headers['cache-control']).toBe('no-store');
    expect(String(page.headers['content-security-policy'])).toContain("form-action 'self'");
  });

  it('has one address: no other spelling of it takes a code uncounted, or fills one in', async () => {
    const { code } = await startDevice(stack());
    const typist = new Browser();
    const page = await typist.open(`${stack().addresses.publicUrl}${PATHS.device}`);
    const choice = codeFormOf(page);
    if (!choice) throw new Error('There is no form for a code.');
    const { form, button } = choice;
    const fields = form.fields.map(([name, value]) => [name, name === 'user_code' ? 'BBBB-BBBB' : value] as const);
    for (const path of ['/oauth/device/', '/oauth/DEVICE', '/OAUTH/device/', '/oauth/device/%23', '/oauth//device']) {
      const typed = await typist.press(page, { ...form, action: new URL(path, page.url), fields }, button);
      const linked = await typist.open(new URL(`${path}?user_code=${code}`, page.url));
      expect([path, typed.status, linked.status, linked.html.includes(code)]).toEqual([path, 404, 404, false]);
    }
  });

  it('shows who, what, where from and when before anything is approved', async () => {
    const confirm = await beforeConfirm();
    for (const text of ['Alice Ahrens', 'alice@demo.example', 'mcp-bridge', 'build-box', 'not verified', '127.0.0.1']) {
      expect(confirm.text).toContain(text);
    }
    expect(confirm.text).toMatch(/Started at \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    expect(confirm.text).toContain('Did you start this?');
  });

  it('is not approved without the click', async () => {
    const confirm = await beforeConfirm();
    expect(said(await poll(stack(), device))).toEqual(PENDING);
    const id = confirm.url.pathname.split('/')[3] ?? '';
    const resumed = await browser.open(`${stack().addresses.publicUrl}/oauth/device/${id}`);
    expect(resumed.url.pathname).not.toBe(`/oauth/device/${id}`);
    const stranger = await new Browser().open(`${stack().addresses.publicUrl}/oauth/device/${id}`);
    expect(stranger.status).toBe(400);
    expect((await poll(stack(), device)).status).toBe(400);
  });

  it('once approved gives tokens bound to the key of the device, once', async () => {
    const confirm = await beforeConfirm();
    expect((await approve(browser, confirm)).status).toBe(200);
    const { status, body } = await poll(stack(), device);
    expect([status, body['token_type'], body['expires_in']]).toEqual([200, 'DPoP', 300]);
    const url = `${stack().addresses.publicUrl}/mcp`;
    const holder = { keys: device.keys, accessToken: String(body['access_token']) };
    const asHolder = async (keys = holder.keys) =>
      (await sendMcp(url, await credentials({ ...holder, keys } as never, 'POST', url))).status;
    expect([await asHolder(), await asHolder(await newKey())]).toEqual([200, 401]);
    expect(said(await poll(stack(), device))).toEqual(INVALID_GRANT);
    // A device code that is redeemed twice was stolen: what it gave is taken back.
    expect(await asHolder()).toBe(401);
  });

  it('refuses a form without its token, with a wrong one, and from another browser', async () => {
    const confirm = await beforeConfirm();
    const choice = approvalOf(confirm);
    if (!choice) throw new Error('There is no approve button.');
    const { form, button } = choice;
    const wrong = { ...form, fields: form.fields.map(([name]) => [name, 'A'.repeat(43)] as const) };
    expect((await browser.press(confirm, { ...form, fields: [] }, button)).status).toBe(403);
    expect((await browser.press(confirm, wrong, button)).status).toBe(403);
    expect((await new Browser().press(confirm, form, button)).status).toBe(400);
    expect((await new Browser().open(confirm.url)).status).toBe(400);
    expect(said(await poll(stack(), device))).toEqual(PENDING);
  });

  it('takes no code from a form that was not opened in this browser', async () => {
    const { code } = await startDevice(stack());
    const page = await new Browser().open(`${stack().addresses.publicUrl}/oauth/device`);
    const elsewhere = await typeCode(new Browser(), page, code);
    expect([elsewhere.status, codeFormOf(elsewhere)]).toEqual([400, undefined]);
    const forged = await send(`${stack().addresses.publicUrl}/oauth/device`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ user_code: code, confirm: 'yes', xsrf: 'A'.repeat(48) }).toString(),
    });
    expect(forged.status).toBe(400);
    const own = await typedCode(stack(), new Browser(), code);
    expect(own.url.origin).toBe(stack().addresses.issuer);
  });

  it('refuses a code that is typed a second time, by anyone', async () => {
    await beforeConfirm();
    const again = await typedCode(stack(), new Browser(), device.code);
    expect(again.status).toBe(400);
    expect(again.text).toContain('No device waits under this code.');
  });

  it('ends when the person says no', async () => {
    const confirm = await beforeConfirm();
    const [form] = confirm.forms;
    const deny = form?.buttons.find(({ value }) => value === 'deny');
    if (!form || !deny) throw new Error('There is no way to refuse.');
    expect((await browser.press(confirm, form, deny)).status).toBe(403);
    expect(said(await poll(stack(), device))).toEqual(DENIED);
  });

  it('gives nothing to a poll with another key, without a proof, or by another client', async () => {
    const confirm = await beforeConfirm();
    await approve(browser, confirm);
    expect(said(await poll(stack(), device, { keys: null }))).toEqual(INVALID_GRANT);
    expect(said(await poll(stack(), device, { client: 'mcp-sso-admin' }))).toEqual([400, 'invalid_request']);
    expect(said(await poll(stack(), device, { keys: await newKey() }))).toEqual(INVALID_GRANT);
  });

  it('is for the bridge only, and only for a device that names its key', async () => {
    const keys = await newKey();
    const refused = [
      await askForCode(stack(), keys, { client_id: 'mcp-sso-admin', resource: `${stack().addresses.publicUrl}/api` }),
      await askForCode(stack(), keys, { client_id: 'nobody' }),
      await askForCode(stack(), keys, { dpop_jkt: '' }),
      await askForCode(stack(), keys, { resource: `${stack().addresses.publicUrl}/api` }),
    ];
    expect(refused.map(({ status, text }) => [status, (JSON.parse(text) as { error: string }).error])).toEqual([
      [400, 'invalid_request'],
      [401, 'invalid_client'],
      [400, 'invalid_request'],
      [400, 'invalid_target'],
    ]);
  });

  it('keeps nothing long of what a stranger sends to get a code', async () => {
    for (const name of ['device_name', 'login_hint']) {
      const { status, text } = await askForCode(stack(), await newKey(), { [name]: 'x'.repeat(50_000) });
      expect([name, status, JSON.parse(text)]).toMatchObject([name, 400, { error: 'invalid_request' }]);
    }
  });

  it('tells a device that polls too fast to slow down', async () => {
    device = await startDevice(stack());
    const answers = [await poll(stack(), device), await poll(stack(), device), await poll(stack(), device)];
    expect(answers.map(said)).toEqual([PENDING, [400, 'slow_down'], [400, 'slow_down']]);
  });

  it('expires', async () => {
    const confirm = await beforeConfirm();
    const unseen = await startDevice(stack());
    await stack().stopControlPlane();
    ageDeviceCodes(stack());
    await stack().startControlPlane();
    expect((await approve(browser, confirm)).status).toBe(400);
    expect((await poll(stack(), device)).status).toBe(400);
    expect((await typedCode(stack(), new Browser(), unseen.code)).status).toBe(400);
  });
});

describe('pitfall 8, device-code phishing: a thousand guesses', () => {
  const stack = useStack();

  it('from one address: ten are looked at, and then not even the right code', async () => {
    const { code } = await startDevice(stack());
    const browser = new Browser();
    const page = await browser.open(`${stack().addresses.publicUrl}${PATHS.device}`);
    let form = page;
    const statuses: number[] = [];
    for (let guess = 0; guess < 1000; guess += 1) {
      const answer = await typeCode(browser, form, 'BBBB-BBBB');
      if (codeFormOf(answer)) form = answer;
      statuses.push(answer.status);
    }
    expect(statuses.filter((status) => status === 400)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(990);
    const right = await typeCode(browser, form, code);
    expect(right.status).toBe(429);
  });
});

describe('pitfall 8, device-code phishing: a device in another network', () => {
  const stack = useStack();
  const AWAY = '203.0.113.7';

  beforeAll(() => reconfigure(stack(), deviceLogin('same-network')));

  it('is refused under same-network, with words, and the attempt is on record', async () => {
    const device = await startDevice(stack(), AWAY);
    const end = await upToConfirm(stack(), new Browser(), device.code, 'alice');
    expect(end.status).toBe(403);
    expect(end.text).toContain('The device is in another network than this browser');
    expect(said(await poll(stack(), device))).toEqual(DENIED);
    const auditor = await signInAsAuditor(stack());
    const [record] = await searchAudit(stack(), auditor, { type: 'auth.refused' });
    expect(record).toMatchObject({
      decision: 'deny',
      reason: 'the device login was started in another network',
      detail: 'device, started from 203.0.113.7',
      person: { email: 'alice@demo.example' },
      client: { id: 'mcp-bridge' },
    });
  });

  it('is let in under anywhere, and the page says that the addresses differ', async () => {
    await reconfigure(stack(), deviceLogin('anywhere'));
    const device = await startDevice(stack(), AWAY);
    const browser = new Browser();
    const confirm = await upToConfirm(stack(), browser, device.code, 'alice');
    expect(confirm.text).toContain(`Started from ${AWAY}`);
    expect(confirm.text).toContain('this browser is at 127.0.0.1');
    expect((await approve(browser, confirm)).status).toBe(200);
    expect((await poll(stack(), device)).status).toBe(200);
  });

  it('gets no code where device login is off, and the page names the other way', async () => {
    await reconfigure(stack(), deviceLogin('off'));
    expect((await askForCode(stack(), await newKey())).status).toBe(404);
    const page = await new Browser().open(`${stack().addresses.publicUrl}/oauth/device`);
    expect(page.status).toBe(403);
    expect(page.text).toContain('Sign in through a browser');
  });
});
