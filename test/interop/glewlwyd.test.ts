import { join } from 'node:path';
import { decodeProtectedHeader } from 'jose';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IDP_CLIENT } from '../../demo/stack/company.js';
import { BridgeSession } from '../../demo/walk/bridge.js';
import type { Browser } from '../../demo/walk/browser.js';
import { placeIn } from '../../demo/walk/sign-in.js';
import { ageChecks, ageSignIns } from '../support/database.js';
import { reconfigure } from '../support/device.js';
import { Glewlwyd } from '../support/glewlwyd/glewlwyd.js';
import { FRESH } from '../support/glewlwyd/settings.js';
import {
  GlewlwydLaptop,
  restOnGlewlwyd,
  signInThroughGlewlwyd,
  signOutAtGlewlwyd,
  upToConfirm,
} from '../support/glewlwyd/sign-in.js';
import { credentials, send } from '../support/http.js';
import { sendMcp } from '../support/mcp.js';
import { beginSignIn, browserUpToCallback, redeem, type SignedIn, type SignInOptions } from '../support/person.js';
import { RecordingProxy } from '../support/recording-proxy.js';
import { RemoteApp } from '../support/remote-app.js';
import { connectV1, connectV2, type Connect } from '../support/remote-conversation.js';
import { useStack } from '../support/stack.js';

/** Seeded, because nothing on this machine may be fetched (SSRF). */
const DOCUMENT = 'https://apps.example/oauth/client.json';
const APPS = `  clients:
    metadataDocuments:
      seeded:
        ${DOCUMENT}: { client_name: Seeded, redirect_uris: ["http://localhost/callback"] }
    registration: { redirectHosts: [localhost] }
`;
const GUARDED = `
@id("fresh-to-add") @reason("Adding customers needs the person themselves.") @step_up_max_age("300")
forbid (principal, action == Mcp::Action::"crm/add_customer", resource);
@id("passkey-to-ask") @reason("Asking who this is needs a passkey.") @step_up_acr("phr")
forbid (principal, action == Mcp::Action::"crm/whoami", resource);
`;

const installed = Glewlwyd.installed();
const way = (browser: Browser, url: URL, person: string) => signInThroughGlewlwyd(browser, { url }, person);

async function refreshed(by: SignedIn): Promise<SignedIn> {
  const DPoP = oidc.getDPoPHandle(by.configuration, by.keys);
  const tokens = await oidc.refreshTokenGrant(by.configuration, by.refreshToken, undefined, { DPoP });
  return { ...by, accessToken: tokens.access_token };
}

describe.runIf(installed)('with Glewlwyd as the identity provider (apt-get install -y glewlwyd)', () => {
  let idp: Glewlwyd;
  let proxy: RecordingProxy;
  const stack = useStack(async () => {
    proxy = await RecordingProxy.listen();
    return { publicPort: proxy.port, more: { servers: '', policies: GUARDED, identity: APPS } };
  });

  beforeAll(async () => {
    const { publicUrl, listen, issuer } = stack().addresses;
    proxy.forwardTo(listen);
    const client = { id: IDP_CLIENT, secret: stack().idpSecret, publicUrl };
    idp = await Glewlwyd.start(join(stack().folder, 'glewlwyd'), client);
    for (const name of ['alice', 'erin', 'frank', 'grace', 'heidi', 'judy']) {
      await idp.administration.addPerson(name, { email: `${name}@demo.example`, groups: ['engineering'] });
    }
    await idp.administration.addPerson('carol', { email: 'carol@demo.example', groups: ['contractors'] });
    await reconfigure(stack(), (settings) =>
      settings.replace(
        `issuer: ${issuer}\n`,
        `issuer: ${idp.issuer}\n      freshSignIn: { scope: ${FRESH.scope}, maxAge: ${FRESH.maxAge} }\n`,
      ),
    );
    await stack().stopIdp();
  });
  afterAll(async () => {
    await idp?.stop();
    await proxy?.close();
  });

  /** As if so many seconds had passed since Glewlwyd was last asked; more than a minute, so that a refresh asks it. */
  async function later(seconds = 120): Promise<void> {
    await stack().stopControlPlane();
    ageChecks(stack(), seconds);
    ageSignIns(stack(), seconds);
    await stack().startControlPlane();
  }

  async function signIn(person: string, options: SignInOptions = {}): Promise<SignedIn> {
    const started = await beginSignIn(stack(), options);
    const { url } = await signInThroughGlewlwyd(browserUpToCallback(), started, person);
    return redeem(started, url, person);
  }

  async function called(by: SignedIn, name: string, args: object = {}): Promise<string> {
    const url = `${stack().addresses.publicUrl}/mcp`;
    const call = { name, arguments: args };
    return (await sendMcp(url, await credentials(by, 'POST', url), 'tools/call', call)).text;
  }

  async function customers(by: SignedIn): Promise<string> {
    return called(by, 'crm__list_customers');
  }

  test('the bridge signs in, and calls what the groups there allow', async () => {
    const laptop = new GlewlwydLaptop('alice', stack().folder);
    await laptop.login(stack().addresses.publicUrl);
    const bridge = await BridgeSession.connect(laptop);
    expect(await bridge.call('crm__get_customer', { id: 'c-1' })).toMatchObject({ isError: false });
    await bridge.close();
  });

  test('our device login works on top of it, though it is asked for no device grant', async () => {
    const laptop = new GlewlwydLaptop('carol', stack().folder);
    await laptop.login(stack().addresses.publicUrl, '--device');
    const bridge = await BridgeSession.connect(laptop);
    expect(await bridge.call('crm__get_customer', { id: 'c-1' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('Contractors have no access to customer data.'),
    });
    await bridge.close();
  });

  test.each<[string, Connect, string | undefined]>([
    ['that is known by a document', connectV1, DOCUMENT],
    ['that registers itself', connectV2, undefined],
  ])('an app of others %s goes the whole way, and is refreshed', async (_which, connect, document) => {
    const app = new RemoteApp('grace', document, way);
    const url = new URL(`${stack().addresses.publicUrl}/mcp/crm`);
    const first = await connect(url, app);
    expect(await first.call('list_customers', {})).toContain('Nordwind');
    await first.close();

    await later();
    const before = app.saved;
    app.saved = { ...before, access_token: 'outdated', token_type: 'Bearer' };
    app.authorization = undefined;
    const second = await connect(url, app);
    expect(await second.call('list_customers', {})).toContain('Nordwind');
    await second.close();
    expect(app.authorization).toBeUndefined();
    expect(app.saved.refresh_token).not.toBe(before?.refresh_token);
  });

  test('who signs out there is out here, with what began in that browser and nothing else', async () => {
    const laptop = new GlewlwydLaptop('heidi', stack().folder);
    await laptop.login(stack().addresses.publicUrl);
    const bridge = await BridgeSession.connect(laptop);
    expect(await bridge.call('crm__list_customers')).toMatchObject({ isError: false });
    const elsewhere = await signIn('heidi');

    await signOutAtGlewlwyd(laptop.browser, idp.issuer);
    const metrics = async () => (await send(`http://${stack().addresses.adminListen}/metrics`)).text;
    const ended = 'mcp_sso_revocation_time_to_cut_seconds_count{path="back-channel-logout"} 1';
    await expect.poll(metrics, { timeout: 20_000 }).toContain(ended);
    const refused = await bridge.call('crm__list_customers');
    expect(refused).toMatchObject({ isError: true, text: expect.stringContaining('This call was not made.') });
    expect(await customers(elsewhere)).toContain('Nordwind');
    const [, token = ''] = /logout_token=([\w.-]+)/.exec(proxy.recorded().toString()) ?? [];
    expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'JWT', alg: 'ES256' });
    await bridge.close();
  });

  // Glewlwyd 2.7.5 says auth_time 0 wherever a code is redeemed; its scopes have an age that it enforces itself (decision 043).
  test('a session there that is older is no fresh sign-in, whatever the browser leaves out', async () => {
    const laptop = new GlewlwydLaptop('erin', stack().folder);
    await laptop.login(stack().addresses.publicUrl);
    const bridge = await BridgeSession.connect(laptop);
    const add = { name: 'Step Ltd', city: 'Bern' };
    const refused = await bridge.call('crm__add_customer', add);
    expect(refused).toMatchObject({
      isError: true,
      text: expect.stringContaining('a sign-in from the last 5 minutes'),
    });

    idp.agePasswords(FRESH.maxAge + 1);
    const page = await restOnGlewlwyd(laptop.browser, placeIn(refused.text) ?? { url: '' }, 'erin');
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('demo did not confirm one')]);
    expect(await bridge.call('crm__add_customer', add)).toMatchObject({ isError: true });
    await bridge.close();
  });

  test('a call that wants the person anew goes on after the password', async () => {
    const laptop = new GlewlwydLaptop('judy', stack().folder);
    await laptop.login(stack().addresses.publicUrl);
    const bridge = await BridgeSession.connect(laptop);
    const add = { name: 'Step Ltd', city: 'Bern' };
    const refused = await bridge.call('crm__add_customer', add);
    idp.agePasswords(FRESH.maxAge + 1);
    await signInThroughGlewlwyd(laptop.browser, placeIn(refused.text) ?? { url: '' }, 'judy');
    await expect
      .poll(async () => (await bridge.call('crm__add_customer', add)).isError, { interval: 500, timeout: 20_000 })
      .toBe(false);
    await bridge.close();
  });

  test('a refresh there is no fresh sign-in, though it gives the scope again', async () => {
    const judy = await signIn('judy', { fresh: true });
    const add = { name: 'Step Ltd', city: 'Bern' };
    expect(await called(judy, 'crm__add_customer', add)).toContain('Step Ltd');
    await later(301);
    expect(await called(await refreshed(judy), 'crm__add_customer', add)).toContain(
      'a sign-in from the last 5 minutes',
    );
  });

  test('a step-up that it cannot prove is refused in words, and changes nothing', async () => {
    const laptop = new GlewlwydLaptop('frank', stack().folder);
    await laptop.login(stack().addresses.publicUrl);
    const bridge = await BridgeSession.connect(laptop);
    const refused = await bridge.call('crm__whoami');
    expect(refused).toMatchObject({ isError: true, text: expect.stringContaining('of the kind phr (acr)') });
    const page = await upToConfirm(laptop.browser, placeIn(refused.text) ?? { url: '' }, 'frank');
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('demo did not say of which kind it was')]);
    expect(await bridge.call('crm__whoami')).toMatchObject({ isError: true });
    expect(await bridge.call('crm__list_customers')).toMatchObject({ isError: false });
    await bridge.close();
  });

  test('groups are read again at a refresh, and eight at once do not break its refresh tokens of one use', async () => {
    const [alice, carol] = [await signIn('alice'), await signIn('carol')];
    expect(await customers(carol)).toContain('Contractors have no access to customer data.');
    await idp.administration.changePerson('carol', { email: 'carol@demo.example', groups: ['sales'] });
    await later();
    const all = await Promise.all(Array.from({ length: 8 }, () => refreshed(alice)));
    for (const one of all) expect(await customers(one)).toContain('Nordwind');
    expect(await customers(await refreshed(carol))).toContain('Nordwind');
  });

  test('who lost the groups or the account there has lost the access, though it answers with an empty body', async () => {
    const [alice, carol] = [await signIn('alice'), await signIn('carol')];
    await idp.administration.changePerson('carol', { email: 'carol@demo.example', groups: [] });
    await idp.administration.removePerson('alice');
    await later();
    expect(await customers(await refreshed(carol))).not.toContain('Nordwind');
    await expect(refreshed(alice)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await customers(alice)).not.toContain('Nordwind');
  });
});
