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
