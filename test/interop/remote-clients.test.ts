import { auth } from '@modelcontextprotocol/sdk/client/auth.js';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { RemoteApp } from '../support/remote-app.js';
import { connectV1, connectV2, type Connect } from '../support/remote-conversation.js';
import { useStack } from '../support/stack.js';

/** Seeded, because nothing on this machine may be fetched (SSRF). */
const DOCUMENT = 'https://apps.example/oauth/client.json';

const stack = useStack(async () => ({
  more: {
    servers: '',
    policies: '',
    identity: `  clients:
    metadataDocuments:
      seeded:
        ${DOCUMENT}: { client_name: Seeded, redirect_uris: ["http://localhost/callback"] }
    registration: { redirectHosts: [localhost] }
`,
  },
}));

describe.each<[string, Connect]>([
  ['v1', connectV1],
  ['v2', connectV2],
])('the official SDK %s', (_version, connect) => {
  it.each([
    ['/mcp', 'everything__echo', DOCUMENT],
    ['/mcp/everything', 'echo', undefined],
    ['/mcp/everything', 'echo', DOCUMENT],
    ['/mcp', 'everything__echo', undefined],
  ])('discovers %s, signs in, calls %s and refreshes (document %s)', async (path, tool, document) => {
    const { publicUrl } = stack().addresses;
    const app = new RemoteApp('alice', document);
    const first = await connect(new URL(publicUrl + path), app);
    expect(await first.call(tool, { message: 'remote' })).toBe('Echo: remote');
    await first.close();
    expect(app.authorization?.searchParams.get('resource')).toBe(publicUrl + path);
    expect(app.client?.client_id).toMatch(document === undefined ? /^[\w-]{21,}$/ : /^https:\/\/apps\.example\//);
    expect(app.client).not.toHaveProperty('client_secret');
    const before = app.saved;
    expect(decodeJwt(before?.access_token ?? '').aud).toBe(publicUrl + path);

    // A token that no longer holds: the SDK refreshes on its own, and nobody is asked again.
    app.saved = { ...before, access_token: 'outdated', token_type: 'Bearer' };
    app.authorization = undefined;
    const second = await connect(new URL(publicUrl + path), app);
    expect(await second.call(tool, { message: 'again' })).toBe('Echo: again');
    await second.close();
    expect(app.authorization).toBeUndefined();
    expect(app.saved.refresh_token).not.toBe(before?.refresh_token);
  });
});

describe('a token without the scope of MCP', () => {
  it('opens nothing, says which scope is missing, and a sign-in for that scope goes on', async () => {
    const { publicUrl } = stack().addresses;
    const url = new URL(`${publicUrl}/mcp/everything`);
    const app = new RemoteApp('alice', DOCUMENT);
    await auth(app, { serverUrl: url });
    app.authorization?.searchParams.set('scope', 'openid');
    const callback = await app.signIn();
    await auth(app, { serverUrl: url, authorizationCode: callback.searchParams.get('code') ?? '' });
    expect(app.saved?.scope).toBe('');

    const authorization = `Bearer ${app.saved?.access_token}`;
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const headers = {
      authorization,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
    const refused = await fetch(url, { method: 'POST', headers, body });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(refused.headers.get('www-authenticate')).toContain('scope="mcp"');
    await refused.body?.cancel();

    app.saved = undefined;
    const conversation = await connectV1(url, app);
    expect(await conversation.call('echo', { message: 'with the scope' })).toBe('Echo: with the scope');
    await conversation.close();
    expect(app.authorization?.searchParams.get('scope')).toBe('mcp');
  });
});
