import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { guardedConnector } from './guarded-connector.js';
import { ReachableAddresses } from './reachable-addresses.js';

let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer((_request, response) => void response.writeHead(200, { connection: 'close' }).end('here'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => server.close());

/** A name that has these addresses, one set for each time that it is asked for. */
async function ask(host: string, networks: readonly string[], ...answers: readonly string[][]) {
  const addresses = new ReachableAddresses(networks);
  let asked = 0;
  const connect = guardedConnector({
    permits: (address) => addresses.permits(address),
    timeout: 2_000,
    resolve: (_name, _options, done) => {
      const found = answers[Math.min(asked, answers.length - 1)] ?? [];
      asked += 1;
      done(
        null,
        found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    },
  });
  const pool = new Pool(`http://${host}:${port}`, { connections: 1, connect });
  const said: string[] = [];
  for (let time = 0; time < Math.max(1, answers.length); time += 1) {
    const answer = pool.request({ method: 'GET', path: '/' }).then(({ body }) => body.text());
    said.push(await answer.catch((error: Error) => error.message));
  }
  await pool.destroy();
  return { said, asked };
}

test('a name that moves after it was let in is refused at its next connection', async () => {
  expect(await ask('crm.test', ['127.0.0.0/8'], ['127.0.0.1'], ['10.0.0.1'])).toEqual({
    said: ['here', 'crm.test is at 10.0.0.1, which is not public'],
    asked: 2,
  });
});

test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.0.0.1', '169.254.169.254', 'fd00:ec2::254'])(
  'nothing is sent to a name at %s',
  async (address) => {
    expect(await ask('crm.test', [], ['1.1.1.1', address])).toEqual({
      said: expect.arrayContaining([`crm.test is at ${address}, which is not public`]) as string[],
      asked: 1,
    });
  },
);

test.each(['127.0.0.1', '2130706433', '017700000001', '0x7f.0.0.1', '[::1]', '[::ffff:7f00:1]'])(
  'nothing is sent to http://%s',
  async (host) => {
    const { said, asked } = await ask(host, []);
    expect([said.join(), asked]).toEqual([
      expect.stringMatching(/^(127\.0\.0\.1|::1|::ffff:7f00:1) is not public$/),
      0,
    ]);
  },
);

test('a name without an address says so', async () => {
  expect((await ask('nowhere.test', [], [])).said).toEqual(['nowhere.test has no address']);
});
