import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { App, ENVELOPE } from '../../cli/bridge/testing/app.js';
import { BridgeSession } from '../../demo/walk/bridge.js';
import { Browser } from '../../demo/walk/browser.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { accountOf, placeIn, signInAs } from '../../demo/walk/sign-in.js';
import { searchAudit } from '../support/audit.js';
import { callsAtCrm } from '../support/crm-log.js';
import { signInAsAuditor } from '../support/person.js';
import { useStack } from '../support/stack.js';
import { Desk, GUARDED_ADDING } from '../support/step-up.js';

const stack = useStack(async () => ({ more: { servers: '', policies: GUARDED_ADDING } }));
const ADD = { name: 'crm__add_customer', arguments: { name: 'Step Ltd', city: 'Bern' } };

describe('where no browser can be shown', () => {
  it('the answer says where to sign in anew, and after that the call goes through in the same session', async () => {
    const laptop = new Laptop('alice', stack().folder);
    await laptop.login(stack().addresses.publicUrl);
    const bridge = await BridgeSession.connect(laptop);
    expect(await bridge.tools()).toContain(ADD.name);
    const refused = await bridge.call(ADD.name, ADD.arguments);
    expect(refused.isError).toBe(true);
    expect(refused.text).toContain(
      'This call was not made. This call needs a sign-in from the last 5 minutes of the kind demo-mfa (acr). ' +
        'Company policy (policy fresh-to-add): Adding customers needs the person themselves.',
    );
    const place = placeIn(refused.text);
    expect(place?.code).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
    await laptop.signIn(place ?? { url: '' });
    await expect
      .poll(async () => (await bridge.call(ADD.name, ADD.arguments)).isError, { interval: 500, timeout: 20_000 })
      .toBe(false);
    await bridge.close();

    const records = await searchAudit(stack(), await signInAsAuditor(stack()), { user: 'alice@demo.example' });
    const of = (wanted: string) => records.find(({ detail }) => detail?.startsWith(wanted));
    expect(of('step-up, device')).toMatchObject({ type: 'auth.sign-in', decision: 'allow' });
    const added = records.filter(({ target }) => target === 'add_customer');
    expect(added.at(-1)).toMatchObject({
      decision: 'deny',
      policies: ['fresh-to-add'],
      reason: expect.stringContaining('This call needs a sign-in from the last 5 minutes'),
    });
    expect(new Set(added.map(({ session }) => session)).size).toBe(1);
  });
});

describe('where a browser can be shown', () => {
  let desk: Desk;

  beforeAll(async () => {
    const folder = mkdtempSync(join(stack().folder, 'desk-'));
    desk = new Desk(stack(), folder, (url) => signInAs(new Browser(), url, 'alice'));
    await (
      await desk.session().signIn.begin({ openBrowser: true })
    ).completed;
  });

  /** An AI app with a bridge of its own. */
  function app(): App {
    const session = desk.session();
    return new App(async () => session, { now: Date.now });
  }

  it('opens once for two bridges; another person is refused; then the same calls go on and bring their results', async () => {
    desk.opened.length = 0;
    const before = callsAtCrm(stack()).length;
    desk.browse = async (url) => {
      const browser = new Browser();
      const choose = await browser.open(url);
      const bob = accountOf(choose, 'bob');
      const refused = bob && (await browser.press(choose, bob.form, bob.button));
      expect(refused?.text).toContain('only Alice Ahrens (alice@demo.example) can complete this');
      const [again] = refused?.links ?? [];
      const page = await signInAs(browser, again?.url ?? '', 'alice');
      expect(page.text).toContain('You are signed in');
    };
    const apps = [app(), app()];
    for (const one of apps) one.send({ id: 1, method: 'tools/call', params: { ...ADD, _meta: ENVELOPE } });
    await expect.poll(() => apps.map(({ untaken }) => untaken.length), { timeout: 30_000 }).toEqual([1, 1]);
    for (const one of apps) {
      expect(await one.next()).toMatchObject({
        id: 1,
        result: { content: [{ text: expect.stringContaining('Step Ltd') }] },
      });
      await one.quit();
    }
    expect(desk.opened).toHaveLength(1);
    expect(desk.opened[0]).not.toContain('eyJ');
    expect(callsAtCrm(stack()).slice(before)).toEqual(['add_customer', 'add_customer']);
  });

  it('nothing opens while the sign-in is fresh', async () => {
    desk.opened.length = 0;
    const one = app();
    one.send({ id: 1, method: 'tools/call', params: { ...ADD, _meta: ENVELOPE } });
    await expect.poll(() => one.untaken.length, { timeout: 30_000 }).toBe(1);
    expect(await one.next()).toMatchObject({ id: 1, result: { content: [{ type: 'text' }] } });
    await one.quit();
    expect(desk.opened).toEqual([]);
  });
});
