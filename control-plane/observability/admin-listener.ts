import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Health } from './health.js';
import type { Metrics } from './metrics.js';

const REQUEST_LIMIT_MS = 10_000;

/**
 * The operators' listener (`adminListen`): `GET /health` with the result of each check, `GET /metrics` for Prometheus.
 * Rejects where the port is taken.
 */
export async function listenForOperators(
  address: { host: string; port: number },
  health: Health,
  metrics: Metrics,
): Promise<Server> {
  const server = createServer({ requestTimeout: REQUEST_LIMIT_MS, keepAliveTimeout: 1000 }, (request, response) => {
    const say = (status: number, contentType: string, text: string): void => {
      response.writeHead(status, {
        'content-type': contentType,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
      response.end(text);
    };
    const answer = (status: number, body: unknown): void =>
      say(status, 'application/json', `${JSON.stringify(body)}\n`);
    const path = request.method === 'GET' ? request.url : undefined;
    if (path === '/metrics') {
      return void metrics.exposition().then(
        ({ contentType, text }) => say(200, contentType, text),
        () => say(500, 'text/plain', ''),
      );
    }
    if (path !== '/health') return answer(404, { paths: ['/health', '/metrics'] });
    health.report().then(
      (report) => answer(report.ready ? 200 : 503, report),
      () => answer(500, { ready: false }),
    );
  });
  server.listen(address.port, address.host);
  await once(server, 'listening');
  return server;
}
