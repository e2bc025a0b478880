import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENTS, PATHS } from '#shared/api/paths.js';
import { AdminModule } from '../../control-plane/admin/admin.module.js';
import { CatalogModule } from '../../control-plane/catalog/catalog.module.js';
import { CATALOG_VALIDATION } from '../../control-plane/catalog-validation.js';
import { CAEP, Receiver } from '../../control-plane/identity/revocation/testing/receiver.js';
import { patchOf, scimRequest } from '../../control-plane/identity/scim/testing/scim-request.js';
import type { Page } from '../../control-plane/identity/testing/browser.js';
import { REDIRECT_URI, TestClient } from '../../control-plane/identity/testing/client.js';
import { DefinitionsModule } from '../../control-plane/policy/definitions/definitions.module.js';
import { onEachEngine } from '../../control-plane/storage/testing/engines.js';
import { TestDatabase } from '../../control-plane/storage/testing/test-database.js';

const CUT_OFF = 'Your sign-ins were ended while this one was under way. Sign in again.';
const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const DISABLED = 'Your account has been disabled';

const approve = ({ browser }: TestClient, page: Page) => browser.submit(page, { decision: 'approve' }, REDIRECT_URI);

onEachEngine((engine) => {
  let database: TestDatabase;
  let here: Receiver;

  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    here = await Receiver.start(database.location, [
      CatalogModule.of(CATALOG_VALIDATION, [DefinitionsModule]),
      AdminModule,
    ]);
    for (const login of ['alice', 'bob']) await here.signIn(login);
  });
  afterAll(async () => {
    await here[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const client = (id?: string) => TestClient.of(here.system.publicUrl, id);
  const subject = () => ({ format: 'iss_sub', iss: here.idp.issuer, sub: 'alice' });

  /** A device whose login alice has approved; it has not asked for its tokens yet. */
  async function approvedDevice() {
    const device = await client();
    const { configuration, dpop: DPoP, browser } = device;
    const asked = { scope: 'openid mcp', resource: here.system.publicUrl + PATHS.mcp, device_name: 'build-box' };
    const dpop_jkt = await DPoP.calculateThumbprint();
    const codes = await oidc.initiateDeviceAuthorization(configuration, { ...asked, dpop_jkt });
    const typed = await browser.open(here.system.publicUrl + PATHS.device);
    const linked = await browser.submit(typed, { user_code: codes.user_code });
    const link = /<a class="choice" href="([^"]*)"/.exec(linked.text)?.[1] ?? '';
    const choice = await browser.open(new URL(link, linked.url));
    const form = await browser.open(new URL('?provider=corp', choice.url));
    const confirm = await browser.submit(form, { login: 'alice' });
    expect((await browser.submit(confirm, { decision: 'approve' })).text).toContain('The device is signed in');
    return {
      redeem: () => oidc.genericGrantRequest(configuration, GRANT, { device_code: codes.device_code }, { DPoP }),
    };
  }

  /** Signs alice in to administer and has her end all sessions of hers. */
  async function killSwitch(): Promise<void> {
    const admin = await client(CLIENTS.admin);
    const extra = { scope: 'openid self sessions:write', max_age: '600', prompt: 'login' };
    const choice = await admin.browser.open(await admin.authorizationUrl({ scope: extra.scope, extra }), REDIRECT_URI);
    const form = await admin.browser.open(new URL('?provider=corp', choice.url), REDIRECT_URI);
    const confirm = await admin.browser.submit(form, { login: 'alice' }, REDIRECT_URI);
    const { access_token } = await admin.redeem((await approve(admin, confirm)).url);
    const url = `${here.system.publicUrl}${PATHS.users}/me/sessions`;
    expect((await admin.fetch(url, access_token, 'DELETE')).status).toBe(200);
  }

  async function deactivate(): Promise<void> {
    const user = { userName: 'alice@corp.test', externalId: 'alice', active: true };
    const { body } = await scimRequest(here.system.publicUrl, 'POST', '/Users', user);
    const path = `/Users/${String(body?.['id'])}`;
    for (const active of [false, true]) {
      await scimRequest(here.system.publicUrl, 'PATCH', path, patchOf({ op: 'replace', value: { active } }));
    }
  }

  describe('a sign-in that is half done', () => {
    it.each<[string, () => Promise<unknown>]>([
      ['back-channel logout', async () => here.logout({ sub: 'alice' })],
      ['universal logout', async () => here.revokeAll(subject())],
      ['session-revoked', async () => here.push(`${CAEP}/session-revoked`, subject())],
      ['the kill switch', killSwitch],
      ['SCIM, which then activates the person again', deactivate],
    ])('comes to nothing after %s: at the confirm page, as a code, as an approved device', async (_way, signal) => {
      const [atIdp, atPage, withCode, bob] = await Promise.all([client(), client(), client(), client()]);
      const choice = await atIdp.browser.open(await atIdp.authorizationUrl(), REDIRECT_URI);
      const form = await atIdp.browser.open(new URL('?provider=corp', choice.url), REDIRECT_URI);
      const page = await here.toConfirmPage(atPage, 'alice');
      const { url: callback } = await approve(withCode, await here.toConfirmPage(withCode, 'alice'));
      const bobsPage = await here.toConfirmPage(bob, 'bob');
      const device = await approvedDevice();
      await signal();
      for (const [way, at] of [
        [atPage, page],
        [atIdp, await atIdp.browser.submit(form, { login: 'alice' }, REDIRECT_URI)],
      ] as const) {
        const refused = await approve(way, at);
        expect([refused.status, refused.text.includes(CUT_OFF)]).toEqual([403, true]);
      }
      await expect(withCode.redeem(callback)).rejects.toMatchObject({ error: 'invalid_grant' });
      await expect(device.redeem()).rejects.toMatchObject({ error: 'invalid_grant' });
      expect((await approve(bob, bobsPage)).url.searchParams.get('code')).not.toBeNull();
      expect(await here.isLive(await here.signIn('alice'))).toBe(true);
    });

    it('of somebody who is disabled meanwhile says so', async () => {
      const waiting = await client();
      const page = await here.toConfirmPage(waiting, 'alice');
      const event = 'https://schemas.openid.net/secevent/risc/event-type/account-';
      await here.push(`${event}disabled`, subject());
      const refused = await approve(waiting, page);
      expect([refused.status, refused.text.includes(DISABLED)]).toEqual([403, true]);
      await here.push(`${event}enabled`, subject());
      expect(await here.isLive(await here.signIn('alice'))).toBe(true);
    });
  });
});
