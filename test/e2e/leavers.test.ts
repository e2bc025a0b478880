import * as oidc from 'openid-client';
import { describe, expect, it } from 'vitest';
import { signInAs } from '../../demo/walk/sign-in.js';
import { ageChecks } from '../support/database.js';
import { credentials } from '../support/http.js';
import { sendMcp } from '../support/mcp.js';
import { beginSignIn, browserUpToCallback, signIn, type SignedIn } from '../support/person.js';
import { useStack } from '../support/stack.js';

const stack = useStack();

async function refreshed(by: SignedIn): Promise<SignedIn> {
  const { configuration, refreshToken, keys } = by;
  const DPoP = oidc.getDPoPHandle(configuration, keys);
  const resource = `${stack().addresses.publicUrl}/mcp`;
  const tokens = await oidc.refreshTokenGrant(configuration, refreshToken, { resource }, { DPoP });
  return { ...by, accessToken: tokens.access_token };
}

async function call(by: SignedIn) {
  const url = `${stack().addresses.publicUrl}/mcp`;
  return sendMcp(url, await credentials(by, 'POST', url), 'tools/call', { name: 'crm__list_customers', arguments: {} });
}

/** As if more than a minute had passed since the identity provider was last asked. */
async function later(): Promise<void> {
  await stack().stopControlPlane();
  ageChecks(stack(), 120);
  await stack().startControlPlane();
}

describe('a refresh', () => {
  it('works for who is still there', async () => {
    const alice = await signIn(stack(), 'alice');
    expect((await call(await refreshed(alice))).status).toBe(200);
  });

  it('of four processes at once does not end the session, also when the identity provider is asked', async () => {
    const alice = await signIn(stack(), 'alice');
    await later();
    const all = await Promise.all([1, 2, 3, 4].map(() => refreshed(alice)));
    for (const one of all) expect((await call(one)).status).toBe(200);
  });
});

describe('someone who left the company', () => {
  it('gets no further than the identity provider', async () => {
    await stack().changePerson('bob', { active: false });
    const page = await signInAs(browserUpToCallback(), (await beginSignIn(stack())).url, 'bob');
    expect(page.url.origin).toBe(stack().addresses.issuer);
    await stack().changePerson('bob', { active: true });
  });

  it('is refused at the next refresh, and the access token ends with it', async () => {
    const bob = await signIn(stack(), 'bob');
    expect((await call(bob)).text).toContain('Nordwind');
    await stack().changePerson('bob', { active: false });
    await later();
    await expect(refreshed(bob)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect((await call(bob)).status).toBe(401);
    await expect(refreshed(bob)).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});

describe('someone who changed groups', () => {
  it('has the new rights after the next refresh, and not the old ones', async () => {
    const carol = await signIn(stack(), 'carol');
    expect((await call(carol)).text).toContain('Contractors have no access to customer data.');
    await stack().changePerson('carol', { groups: ['sales'] });
    await later();
    expect((await call(await refreshed(carol))).text).toContain('Nordwind');
    await stack().changePerson('carol', { groups: [] });
    await later();
    expect((await call(await refreshed(carol))).text).not.toContain('Nordwind');
  });
});
