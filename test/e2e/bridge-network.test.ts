import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isObject } from '#shared/mcp/json-rpc.js';
import { LEGACY_CLIENT } from '../../cli/bridge/testing/app.js';
import { bundle, MEMORY_BRIDGE } from '../../cli/bridge/testing/executable.js';
import { within } from '../../demo/stack/child.js';
import { CertificateAuthority, type Issued } from '../support/certificate-authority.js';

const missing = ['faketime', 'openssl'].filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
);
const WAIT_MS = 30_000;
const CALL = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'crm__get_customer', arguments: {} } };

let bridge: string;
let company: CertificateAuthority;
const servers: Server[] = [];
const children: ChildProcessWithoutNullStreams[] = [];

beforeAll(async () => {
  bridge = await bundle(MEMORY_BRIDGE);
  if (missing.length === 0) company = new CertificateAuthority('Acme');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});
afterAll(() => {
  if (missing.length === 0) company[Symbol.dispose]();
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

const serve = ({ certificate, key }: Issued, answer: RequestListener): Promise<number> =>
  listening(createServer({ cert: certificate, key }, answer));

/** A control plane, as far as one call goes. */
const controlPlane: RequestListener = (request, response) => {
  text(request).then(
    (body) => response.end(answerTo(JSON.parse(body) as { id: number })),
    () => response.destroy(),
  );
  response.writeHead(200, { 'content-type': 'application/json' });
};

function answerTo({ id }: { id: number }): string {
  const result = { resultType: 'complete', content: [{ type: 'text', text: 'Nordwind' }] };
  return JSON.stringify({ jsonrpc: '2.0', id, result });
}

/** A proxy that connects each name to that port; what it was asked for. */
async function proxyTo(port: number): Promise<{ address: string; asked: string[] }> {
  const asked: string[] = [];
  const proxy = createHttpServer((_request, response) => void response.writeHead(500).end());
  proxy.on('connect', (request, client) => {
    asked.push(request.url ?? '');
    client.on('error', () => undefined);
    const server = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      server.pipe(client).pipe(server);
    });
    server.on('error', () => client.destroy());
  });
  return { address: `http://127.0.0.1:${await listening(proxy)}`, asked };
}

/** The text that the app gets for one call of a bridge in this environment, started with the executable's own arguments of Node. */
async function callThrough(env: Readonly<Record<string, string>>, inside: readonly string[] = []): Promise<string> {
  const [program = process.execPath, ...args] = inside.length === 0 ? [] : [...inside, process.execPath];
  const variables = { PATH: '/usr/bin:/bin', TOKEN: 'good', SSL_CERT_FILE: company.file, ...env };
  const child = spawn(program, [...args, '--use-system-ca', bridge], { env: variables });
  children.push(child);
  child.stderr.resume();
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const initialize = { jsonrpc: '2.0', id: 0, method: 'initialize', params: LEGACY_CLIENT };
  child.stdin.write(`${JSON.stringify(initialize)}\n${JSON.stringify(CALL)}\n`);
  const answer = async (): Promise<unknown> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error('The bridge ended.');
      const message: unknown = JSON.parse(value);
      if (isObject(message) && message['id'] === CALL.id) return message;
    }
  };
  return JSON.stringify(await within(answer(), WAIT_MS, 'The bridge did not answer'));
}

describe.skipIf(missing.length > 0)(
  'a bridge on a company’s network (needs: apt-get install -y faketime openssl)',
  () => {
    it('complaint 15, the company’s own authority in the system’s list is enough, without a setting', async () => {
      const port = await serve(company.issue('DNS:localhost'), controlPlane);
      expect(await callThrough({ ORIGIN: `https://localhost:${port}` })).toContain('Nordwind');
    });

    it('complaint 15, an authority that the system does not know is named as the reason', async () => {
      using other = new CertificateAuthority('Somebody');
      const port = await serve(other.issue('DNS:localhost'), controlPlane);
      expect(await callThrough({ ORIGIN: `https://localhost:${port}` })).toMatch(
        /is not trusted by this computer \(SELF_SIGNED_CERT_IN_CHAIN\)\. Ask your administrator.*The request was not sent/,
      );
    });

    it('complaint 16, HTTPS_PROXY is followed by CONNECT, and nobody looks the name up here', async () => {
      const proxy = await proxyTo(await serve(company.issue('DNS:mcp.acme.invalid'), controlPlane));
      const env = { ORIGIN: 'https://mcp.acme.invalid', HTTPS_PROXY: proxy.address };
      expect(await callThrough(env)).toContain('Nordwind');
      expect(new Set(proxy.asked)).toEqual(new Set(['mcp.acme.invalid:443']));
    });

    it('complaint 16, NO_PROXY is followed, and loopback never goes to a proxy', async () => {
      const proxy = await proxyTo(await serve(company.issue('DNS:mcp.acme.invalid'), controlPlane));
      const env = { HTTPS_PROXY: proxy.address, NO_PROXY: '.acme.invalid' };
      expect(await callThrough({ ...env, ORIGIN: 'https://mcp.acme.invalid' })).toMatch(
        /The name mcp\.acme\.invalid was not found\. Check the address, the network and the VPN/,
      );
      const port = await serve(company.issue('DNS:localhost'), controlPlane);
      expect(await callThrough({ HTTPS_PROXY: proxy.address, ORIGIN: `https://localhost:${port}` })).toContain(
        'Nordwind',
      );
      expect(proxy.asked).toEqual([]);
    });

    it.each([
      [200, 'text/html'],
      [302, 'text/html'],
      [511, 'text/html'],
    ])('a captive portal that answers with %i is named, with what to do', async (status, type) => {
      const port = await serve(company.issue('DNS:localhost'), (_request, response) => {
        response.writeHead(status, { 'content-type': type, location: 'http://portal.hotel.example/' });
        response.end('<html>Welcome to our Wi-Fi</html>');
      });
      const said = await callThrough({ ORIGIN: `https://localhost:${port}` });
      expect(said).toContain(`Something else answered in its place (HTTP status ${status})`);
      expect(said).toContain('open any web page and sign in there');
      expect(said).not.toContain('Welcome');
    });

    it('a captive portal with a certificate of its own is named too', async () => {
      const port = await serve(company.issue('DNS:portal.hotel.example'), controlPlane);
      expect(await callThrough({ ORIGIN: `https://localhost:${port}` })).toMatch(
        /shows a certificate for another name\. .*open any web page and sign in there.*The request was not sent/,
      );
    });

    it('an expired certificate is called that, and not untrusted', async () => {
      const port = await serve(company.issue('DNS:localhost', '-100 days'), controlPlane);
      const said = await callThrough({ ORIGIN: `https://localhost:${port}` });
      expect(said).toMatch(
        /is out of date by this computer’s clock \(CERT_HAS_EXPIRED\)\. Check the clock first; .*renew/,
      );
      expect(said).not.toContain('not trusted');
    });

    it('a clock that is far behind makes a good certificate look bad, and the words say the clock', async () => {
      const port = await serve(company.issue('DNS:localhost'), controlPlane);
      const inside = ['env', 'FAKETIME_DONT_FAKE_MONOTONIC=1', 'faketime', '-f', '-200d'];
      expect(await callThrough({ ORIGIN: `https://localhost:${port}` }, inside)).toMatch(
        /is out of date by this computer’s clock \(CERT_NOT_YET_VALID\)\. Check the clock first/,
      );
    });
  },
);
