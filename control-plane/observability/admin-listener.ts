import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Health } from './health.js';

const REQUEST_LIMIT_MS = 10_000;

/** The operators' listener (`adminListen`): `GET /health` with the result of each check. Rejects where the port is taken. */
export async function listenForOperators(address: { host: string; port: number }, health: Health): Promise<Server> {
  const server = createServer({ requestTimeout: REQUEST_LIMIT_MS, keepAliveTimeout: 1000 }, (request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
      response.end(`${JSON.stringify(body)}\n`);
    };
    if (request.method !== 'GET' || request.url !== '/health') return answer(404, { paths: ['/health'] });
    health.report().then(
      (report) => answer(report.ready ? 200 : 503, report),
      () => answer(500, { ready: false }),
    );
  });
  server.listen(address.port, address.host);
  await once(server, 'listening');
  return server;
}
