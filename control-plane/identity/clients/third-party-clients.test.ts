import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApplication, type TestApplication } from '../testing/application.js';
import { challenge } from '../challenge.js';
import { StepUpNeeded } from '../step-up.js';
import { register, RemoteClient, type RemoteIdentity } from '../testing/remote-client.js';

const CLAUDE: RemoteIdentity = {
  clientId: 'https://claude.test/oauth/client',
  redirectUri: 'https://claude.test/callback',
};
const DESKTOP: RemoteIdentity = {
  clientId: 'https://desk.test/oauth/client',
  redirectUri: 'http://localhost:63785/callback',
};

let system: TestApplication;

beforeAll(async () => {
  system = await startApplication({
    clients: {
      metadataDocuments: {
        seeded: {
          [CLAUDE.clientId]: { client_name: 'Cl\u202eaude\u0007', redirect_uris: [CLAUDE.redirectUri], scope: 'mcp' },
          [DESKTOP.clientId]: { redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'] },
        },
      },
      registration: { redirectHosts: ['apps.test', 'localhost', 'cursor://anysphere.cursor-mcp'] },
    },
  });
  system.idp.users.set('alice', { email: 'alice@corp.test', name: 'Alice', groups: [], active: true });
});
afterAll(() => system[Symbol.asyncDispose]());

async function api(token: string): Promise<number> {
  const { status } = await fetch(`${system.publicUrl}/api/v1/probe`, { headers: { authorization: `Bearer ${token}` } });
  return status;
}

test('the metadata offers what remote clients look for', async () => {
  const url = system.publicUrl;
  for (const name of ['oauth-authorization-server', 'openid-configuration']) {
    const response = await fetch(`${url}/.well-known/${name}`);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toMatchObject({
      issuer: url,
      registration_endpoint: `${url}/oauth/register`,
      client_id_metadata_document_supported: true,
      token_endpoint_auth_methods_supported: expect.arrayContaining(['none']) as unknown,
      code_challenge_methods_supported: ['S256'],
      scopes_supported: expect.arrayContaining(['openid', 'mcp']) as unknown,
      response_types_supported: ['code'],
      grant_types_supported: expect.not.arrayContaining(['implicit']) as unknown,
      authorization_response_iss_parameter_supported: true,
    });
  }
});

describe('a client with a seeded document', () => {
  test('gets a bearer token of five minutes for MCP, and never one for the API', async () => {
    const client = await RemoteClient.of(system.publicUrl, CLAUDE);
    const tokens = await client.signIn('alice');
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      aud: `${system.publicUrl}/mcp`,
      client_id: CLAUDE.clientId,
      scope: 'mcp',
    });
    expect(decodeJwt(tokens.access_token)).not.toHaveProperty('cnf');
    expect([tokens.token_type, tokens.expires_in]).toEqual(['bearer', 300]);
    expect(await api(tokens.access_token)).toBe(401);

    const resource = `${system.publicUrl}/api`;
    const page = await client.browser.open(
      await client.authorizationUrl({ resource, scope: 'self' }),
      CLAUDE.redirectUri,
    );
    expect(page.url.searchParams.get('error')).toBe('invalid_target');
  });

  test('gets a token for one server where it names that server', async () => {
    const client = await RemoteClient.of(system.publicUrl, CLAUDE);
    const tokens = await client.signIn('alice', { resource: `${system.publicUrl}/mcp/crm` });
    expect(decodeJwt(tokens.access_token).aud).toBe(`${system.publicUrl}/mcp/crm`);
  });

  test('gets the scope of MCP where it names none', async () => {
    const client = await RemoteClient.of(system.publicUrl, CLAUDE);
    const url = await client.authorizationUrl();
    url.searchParams.delete('scope');
    const form = await client.browser.open(url, CLAUDE.redirectUri);
    const confirm = await client.browser.submit(form, { login: 'alice' }, CLAUDE.redirectUri);
    const { access_token: token } = await client.approve(confirm);
    expect(decodeJwt(token)['scope']).toBe('mcp');
  });

  test('may use any port of this computer where its document names none', async () => {
    const client = await RemoteClient.of(system.publicUrl, DESKTOP);
    const confirm = await client.toConfirmPage('alice');
    expect(confirm.text).toContain('mcp-sso cannot see which one');
    expect(confirm.headers.get('content-security-policy')).toContain('http://localhost:63785');
  });

  test('that asks who the person is says so on the page', async () => {
    const client = await RemoteClient.of(system.publicUrl, CLAUDE);
    expect((await client.toConfirmPage('alice')).text).not.toContain('e-mail address');
    const asking = await RemoteClient.of(system.publicUrl, CLAUDE);
    const confirm = await asking.toConfirmPage('alice', { scope: 'openid mcp' });
    expect(confirm.text).toContain('and learn your name and e-mail address, in your name.');
    const { id_token: idToken = '' } = await asking.approve(confirm);
    expect(decodeJwt(idToken)).toMatchObject({ name: 'Alice', email: 'alice@corp.test' });
  });

  test('that asks by the letter for what a challenge demands gets it', async () => {
    system.idp.users.set('alice', { email: 'alice@corp.test', name: 'Alice', groups: [], active: true, acr: 'phr' });
    const [line = ''] = challenge(new StepUpNeeded({ maxAge: 300, acrValues: ['phr'] }, 'Sign in again.'), '', 'mcp');
    const named = ['scope', 'max_age', 'acr_values'].map((name) => [
      name,
      new RegExp(`${name}="([^"]*)"`).exec(line)?.[1] ?? '',
    ]);
    const client = await RemoteClient.of(system.publicUrl, CLAUDE);
    const { access_token: token } = await client.signIn('alice', Object.fromEntries(named) as Record<string, string>);
    expect(decodeJwt(token)).toMatchObject({ acr: 'phr', scope: 'mcp' });
  });

  test('is shown by its hosts, its name as its own claim, and asks each time', async () => {
    const client = await RemoteClient.of(system.publicUrl, CLAUDE);
    await client.signIn('alice');
    client.browser.forget(system.idp.issuer);
    const confirm = await (await RemoteClient.of(system.publicUrl, CLAUDE, client.browser)).toConfirmPage('alice');
    expect(confirm.url.pathname).toMatch(/\/confirm$/);
    expect(confirm.text).toContain('<h1>Let the app of claude.test in?</h1>');
    expect(confirm.text).toMatch(/<dt>Calls itself<\/dt>\s*<dd>Claude<small>as the app says; not verified/);
    expect(confirm.text).toMatch(/<dt>Published by<\/dt>\s*<dd>claude\.test/);
    expect(confirm.text).toMatch(/<dt>Sends you back to<\/dt>\s*<dd>claude\.test/);
    expect(confirm.text).toContain(CLAUDE.clientId);
  });
});

describe('a client that registers itself', () => {
  test('is told what holds of what it asked for, and can sign in', async () => {
    const { status, body } = await register(system.publicUrl, {
      client_name: 'An app',
      redirect_uris: ['https://apps.test/callback'],
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token', 'implicit'],
      scope: 'mcp admin',
      logo_uri: 'https://evil.test/logo.png',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      client_name: 'An app',
      redirect_uris: ['https://apps.test/callback'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    });
    for (const name of ['client_secret', 'logo_uri', 'scope', 'registration_access_token']) {
      expect(body).not.toHaveProperty(name);
    }
    const identity = { clientId: body.client_id, redirectUri: 'https://apps.test/callback' };
    const client = await RemoteClient.of(system.publicUrl, identity);
    const confirm = await client.toConfirmPage('alice');
    expect(confirm.text).toContain('<h1>Let the app at apps.test in?</h1>');
    expect(confirm.text).toContain('nobody vouches for it');
    await client.browser.submit(confirm, { decision: 'deny' }, identity.redirectUri);
    const tokens = await (await RemoteClient.of(system.publicUrl, identity)).signIn('alice');
    expect(tokens.refresh_token).toBeDefined();
  });

  test.for([
    ['another host', ['https://evil.test/callback']],
    ['one of two hosts', ['https://apps.test/callback', 'https://evil.test/callback']],
    ['a host below', ['https://a.apps.test/callback']],
    ['another port', ['https://apps.test:8443/callback']],
    ['plain http', ['http://apps.test/callback']],
    ['user information', ['https://apps.test@evil.test/callback']],
    ['a fragment', ['https://apps.test/callback#x']],
    ['a wildcard', ['https://apps.test/*']],
    ['another app', ['cursor://evil/callback']],
    ['a script', ['javascript://apps.test/%0aalert(1)']],
    ['none', []],
  ] as const)('is refused with %s to return to', async ([, redirects]) => {
    const { status, body } = await register(system.publicUrl, { redirect_uris: redirects });
    expect([status, body['error']]).toEqual([400, 'invalid_redirect_uri']);
  });

  test('may be an app with a scheme of its own', async () => {
    const redirectUri = 'cursor://anysphere.cursor-mcp/oauth/callback';
    const { body } = await register(system.publicUrl, { redirect_uris: [redirectUri] });
    const client = await RemoteClient.of(system.publicUrl, { clientId: body.client_id, redirectUri });
    const confirm = await client.toConfirmPage('alice');
    expect(confirm.text).toContain('cursor://anysphere.cursor-mcp');
    expect(confirm.headers.get('content-security-policy')).toContain("form-action 'self' cursor:;");
    expect((await register(system.publicUrl, { redirect_uris: [redirectUri] })).body.client_id).not.toBe(
      body.client_id,
    );
  });
});

describe('a refresh token without a key', () => {
  test('is rotated, and ends the session where it is used again', async () => {
    const client = await RemoteClient.of(system.publicUrl, CLAUDE);
    const first = await client.signIn('alice');
    const second = await client.refresh(first.refresh_token ?? '');
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const third = await client.refresh(second.refresh_token ?? '');
    await expect(client.refresh(second.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(client.refresh(third.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  test('is not used up by a request for another resource, which gets nothing', async () => {
    const client = await RemoteClient.of(system.publicUrl, CLAUDE);
    const { refresh_token: token = '' } = await client.signIn('alice', { resource: `${system.publicUrl}/mcp/crm` });
    for (const resource of ['/mcp', '/mcp/hr', '/api'].map((path) => system.publicUrl + path)) {
      const refused = oidc.refreshTokenGrant(client.configuration, token, { resource });
      await expect(refused).rejects.toMatchObject({ error: 'invalid_target' });
    }
    const wide = oidc.refreshTokenGrant(client.configuration, token, { scope: 'mcp sessions:write' });
    await expect(wide).rejects.toMatchObject({ error: 'invalid_scope' });
    const { access_token: narrow } = await client.refresh(token);
    expect(decodeJwt(narrow).aud).toBe(`${system.publicUrl}/mcp/crm`);
  });

  test('used twice at once ends the session too', async () => {
    const client = await RemoteClient.of(system.publicUrl, CLAUDE);
    const { refresh_token: token = '' } = await client.signIn('alice');
    const results = await Promise.allSettled([client.refresh(token), client.refresh(token)]);
    const won = results.find((result) => result.status === 'fulfilled');
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    await expect(client.refresh(won?.value.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});
