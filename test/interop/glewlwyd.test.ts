import { join } from 'node:path';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IDP_CLIENT } from '../../demo/stack/company.js';
import { BridgeSession } from '../../demo/walk/bridge.js';
import { ageChecks } from '../support/database.js';
import { reconfigure } from '../support/device.js';
import { Glewlwyd } from '../support/glewlwyd/glewlwyd.js';
import { GlewlwydLaptop, signInThroughGlewlwyd } from '../support/glewlwyd/sign-in.js';
import { credentials } from '../support/http.js';
import { sendMcp } from '../support/mcp.js';
import { beginSignIn, browserUpToCallback, redeem, type SignedIn } from '../support/person.js';
import { useStack } from '../support/stack.js';

const installed = Glewlwyd.installed();
async function refreshed(by: SignedIn): Promise<SignedIn> {
  const DPoP = oidc.getDPoPHandle(by.configuration, by.keys);
  const tokens = await oidc.refreshTokenGrant(by.configuration, by.refreshToken, undefined, { DPoP });
  return { ...by, accessToken: tokens.access_token };
}

describe.runIf(installed)('with Glewlwyd as the identity provider (apt-get install -y glewlwyd)', () => {
  const stack = useStack();
  let idp: Glewlwyd;

  beforeAll(async () => {
    const { publicUrl, issuer } = stack().addresses;
    const client = { id: IDP_CLIENT, secret: stack().idpSecret, publicUrl };
    idp = await Glewlwyd.start(join(stack().folder, 'glewlwyd'), client);
    await idp.administration.addPerson('alice', { email: 'alice@demo.example', groups: ['engineering'] });
    await idp.administration.addPerson('carol', { email: 'carol@demo.example', groups: ['contractors'] });
    await reconfigure(stack(), (settings) => settings.replace(`issuer: ${issuer}\n`, `issuer: ${idp.issuer}\n`));
    await stack().stopIdp();
  });
  afterAll(async () => idp?.stop());

  /** As if more than a minute had passed since Glewlwyd was last asked. */
  async function later(): Promise<void> {
    await stack().stopControlPlane();
    ageChecks(stack(), 120);
    await stack().startControlPlane();
  }

  async function signIn(person: string): Promise<SignedIn> {
    const started = await beginSignIn(stack());
    const { url } = await signInThroughGlewlwyd(browserUpToCallback(), started, person);
    return redeem(started, url, person);
  }

  async function customers(by: SignedIn): Promise<string> {
    const url = `${stack().addresses.publicUrl}/mcp`;
    const list = { name: 'crm__list_customers', arguments: {} };
    return (await sendMcp(url, await credentials(by, 'POST', url), 'tools/call', list)).text;
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
