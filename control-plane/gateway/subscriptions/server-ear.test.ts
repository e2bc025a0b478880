import { expect, test } from 'vitest';
import { NO_INJECTION } from '../../credentials/injection.js';
import { HeldBytes } from '../../upstreams/stdio/held-bytes.js';
import { StdioPeer } from '../../upstreams/stdio/stdio-peer.js';
import type { Upstreams } from '../../upstreams/upstreams.service.js';
import { ServerEar } from './server-ear.js';

const DEEP = '['.repeat(20_000) + ']'.repeat(20_000);
const SCOPE = {
  session: { id: 's', groups: [] },
  client: { key: 'c', capabilities: {} },
  meta: {},
  signal: new AbortController().signal,
};

test('what is nested too deeply to be written again is dropped or refused, and the rest is still heard', async () => {
  const written: string[] = [];
  const peer = new StdioPeer({
    firstByte: 1_000,
    idle: 1_000,
    held: 1024 * 1024,
    waiting: new HeldBytes(1024 * 1024),
    requests: 8,
    subscriptions: 8,
    shared: false,
    write: (line) => written.push(line) > 0,
  });
  const parts = {
    credentials: { resolve: async () => NO_INJECTION, renew: async () => undefined },
    credentialHealth: { accepted: () => undefined, refused: () => undefined },
    servers: {},
    publicUrl: 'https://mcp.acme.example',
    upstreams: { listen: async (...[, , listener]: Parameters<Upstreams['listen']>) => peer.events.listen(listener) },
  };
  const heard: unknown[] = [];
  const hear = (message: unknown): void => void heard.push(message);
  const ear = new ServerEar(parts, 'crm', SCOPE, { everything: true }, hear, hear);
  await ear.ready;
  for (const rest of [`"params":{"x":${DEEP}}`, `"id":1,"params":{"x":${DEEP}}`, '"params":{}']) {
    expect(peer.receive(Buffer.from(`{"jsonrpc":"2.0","method":"notifications/any",${rest}}`))).toBe(true);
  }
  expect(heard).toEqual([{ jsonrpc: '2.0', method: 'notifications/any', params: {} }]);
  expect(written).toEqual(['{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}\n']);
  ear.close();
});
