import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernHttp,
  UnauthorizedError as ModernUnauthorized,
} from '@modelcontextprotocol/client';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { useStack } from '../support/stack.js';
import { RemoteApp } from '../support/remote-app.js';

const INFO = { name: 'remote', version: '1.0.0' };
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

interface Conversation {
  /** Text of the first part of a call's result. */
  call(name: string, args: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

type Connect = (url: URL, app: RemoteApp) => Promise<Conversation>;

async function connectV1(url: URL, app: RemoteApp): Promise<Conversation> {
  const client = new Client(INFO);
  const transport = new StreamableHTTPClientTransport(url, { authProvider: app });
  try {
    await client.connect(transport);
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    const callback = await app.signIn();
    await transport.finishAuth(callback.searchParams.get('code') ?? '');
    return connectV1(url, app);
  }
  return {
    call: async (name, args) => firstText(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  };
}

async function connectV2(url: URL, app: RemoteApp): Promise<Conversation> {
  const client = new ModernClient(INFO, { versionNegotiation: { mode: 'auto' } });
  const transport = new ModernHttp(url, { authProvider: app });
  try {
    await client.connect(transport);
  } catch (error) {
    if (!(error instanceof ModernUnauthorized)) throw error;
    const callback = await app.signIn();
    await transport.finishAuth(callback.searchParams);
    return connectV2(url, app);
  }
  return {
    call: async (name, args) => firstText(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  };
}

function firstText(result: unknown): string {
  const { content } = result as { content: readonly { text: string }[] };
  return content[0]?.text ?? '';
}

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
