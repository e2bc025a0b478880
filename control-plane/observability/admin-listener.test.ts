import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { listenForOperators } from './admin-listener.js';
import { Health } from './health.js';
import { Metrics } from './metrics.js';

test('operators see each check; anything else is not there', async () => {
  const health = new Health({ database: () => Promise.reject(new Error('disk I/O error')) });
  health.started();
  const server = await listenForOperators({ host: '127.0.0.1', port: 0 }, health, new Metrics());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const response = await fetch(`${base}/health`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      ready: false,
      reason: 'A part of the control plane does not answer.',
      checks: [{ name: 'database', ok: false, error: 'disk I/O error' }],
    });
    const metrics = await fetch(`${base}/metrics`);
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await metrics.text()).toContain('# TYPE mcp_sso_revocation_time_to_cut_seconds histogram');
    expect((await fetch(`${base}/`)).status).toBe(404);
    expect((await fetch(`${base}/health`, { method: 'POST' })).status).toBe(404);
  } finally {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }
});
