import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernHttp,
  UnauthorizedError as ModernUnauthorized,
} from '@modelcontextprotocol/client';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { RemoteApp } from './remote-app.js';

const INFO = { name: 'remote', version: '1.0.0' };

/** A remote app that is signed in at an endpoint. */
export interface Conversation {
  /** Text of the first part of a call's result. */
  call(name: string, args: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

/** Connects by an official SDK; the app's person signs in where they are asked to. */
export type Connect = (url: URL, app: RemoteApp) => Promise<Conversation>;

export async function connectV1(url: URL, app: RemoteApp): Promise<Conversation> {
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

export async function connectV2(url: URL, app: RemoteApp): Promise<Conversation> {
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
