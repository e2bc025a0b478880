import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CertificateAuthority, type Issued } from '../support/certificate-authority.js';
import { runDoctor, type DoctorOptions } from '../support/doctor.js';

const missing = ['faketime', 'openssl'].filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
);

let home: string;
let company: CertificateAuthority;
const open: Server[] = [];

beforeAll(() => {
  home = mkdtempSync(join(realpathSync(tmpdir()), 'mcp-sso-doctor-'));
  if (missing.length === 0) company = new CertificateAuthority('Acme');
});
afterEach(() => {
  for (const server of open.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});
afterAll(() => {
  if (missing.length === 0) company[Symbol.dispose]();
  rmSync(home, { recursive: true, force: true });
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(server);
  return (server.address() as AddressInfo).port;
}

/** An https server with that certificate; its port. */
function serve({ certificate, key }: Issued, answer: RequestListener): Promise<number> {
  return listening(createServer({ cert: certificate, key }, answer));
}

const nothing: RequestListener = (_request, response) => void response.writeHead(404).end('{}');

/** A proxy that connects every name to that port, or refuses with a status. */
async function proxyTo(answer: number | { status: number }): Promise<string> {
  const proxy = createHttpServer(nothing);
  proxy.on('connect', (_request, client) => {
    client.on('error', () => undefined);
    if (typeof answer === 'object') return void client.end(`HTTP/1.1 ${answer.status} No\r\n\r\n`);
    const server = connect(answer, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      server.pipe(client).pipe(server);
    });
    return server.on('error', () => client.destroy());
  });
  return `127.0.0.1:${await listening(proxy)}`;
}

/** As a hotel's network answers before one has signed in to it. */
const portal: RequestListener = (_request, response) =>
  void response.writeHead(302, { location: 'http://portal.hotel.example/' }).end();

function diagnose(url: string, options: Partial<DoctorOptions> = {}) {
  const env = { SSL_CERT_FILE: company.file, ...options.env };
  return runDoctor({ home, ...options, env, args: ['--url', url, '--credential-store', 'file'] });
}

describe.skipIf(missing.length > 0)(
  'mcp-sso doctor on the network (needs: apt-get install -y faketime openssl)',
  () => {
    it('says whose certificate it is where only this computer’s own list has the authority', async () => {
      const port = await serve(company.issue('DNS:localhost'), nothing);
      const found = await diagnose(`https://localhost:${port}`);
      expect(found.of('tls')).toEqual(['ok']);
      expect(found.findings.find(({ check }) => check === 'tls')?.detail).toMatch(
        /^Its certificate is good until \d{4}-\d\d-\d\d; it leads to Acme Root, Acme, an authority that only this computer’s own list has\.$/,
      );
      expect(found.of('control-plane')).toEqual(['not_a_control_plane']);
      expect(found.code).toBe(5);
    });

    it('says that a certificate has expired', async () => {
      const port = await serve(company.issue('DNS:localhost', '-100 days'), nothing);
      const found = await diagnose(`https://localhost:${port}`);
      expect(found.of('tls')).toEqual(['certificate_expired']);
      expect(found.says('certificate_expired').fix).toEqual({
        person: 'administrator',
        task: `Renew the certificate of localhost:${port}.`,
      });
      expect(found.of('control-plane')).toEqual(['skipped']);
      expect(found.code).toBe(5);
    });

    it('says which authority this computer does not trust', async () => {
      using other = new CertificateAuthority('Somebody');
      const port = await serve(other.issue('DNS:localhost'), nothing);
      const found = await diagnose(`https://localhost:${port}`);
      expect(found.says('certificate_untrusted')).toEqual({
        detail: `This computer does not trust the certificate of localhost:${port}, issued by Somebody Root, Somebody (SELF_SIGNED_CERT_IN_CHAIN).`,
        fix: {
          person: 'administrator',
          task: 'Install the root certificate of Somebody Root, Somebody on this computer.',
        },
      });
    });

    it('says which names a certificate is for', async () => {
      const port = await serve(company.issue('DNS:portal.hotel.example'), nothing);
      const found = await diagnose(`https://localhost:${port}`);
      expect(found.of('tls')).toEqual(['certificate_name']);
      expect(found.says('certificate_name').detail).toContain('is for portal.hotel.example; Acme Root, Acme issued it');
    });

    it('says that a good certificate looks bad because of the clock', async () => {
      const port = await serve(company.issue('DNS:localhost'), nothing);
      const inside = ['env', 'FAKETIME_DONT_FAKE_MONOTONIC=1', 'faketime', '-f', '+200d'];
      const found = await diagnose(`https://localhost:${port}`, { inside });
      expect(found.of('clock')).toEqual(['clock_off']);
      expect(found.says('clock_off').detail).toMatch(
        /^The clock of this computer is 172\d{5} seconds ahead of that of the control plane\.$/,
      );
      expect(found.of('tls')).toEqual(['certificate_by_clock']);
      expect(found.says('certificate_by_clock').fix).toEqual({
        person: 'you',
        task: 'Set the clock right: let the system set the time by itself (NTP).',
      });
    });

    it('knows a network that wants a sign-in of its own by its answer', async () => {
      const port = await serve(company.issue('DNS:localhost'), portal);
      const found = await diagnose(`https://localhost:${port}`);
      expect(found.of('control-plane')).toEqual(['answered_by_another']);
      expect(found.says('answered_by_another').fix).toEqual({
        person: 'you',
        task: 'Open any web page and sign in to the network there; at work, ask the network team.',
      });
    });

    it('says that what answers speaks no TLS', async () => {
      const port = await listening(createHttpServer(nothing));
      const found = await diagnose(`https://localhost:${port}`);
      expect(found.of('tls')).toEqual(['tls_failed']);
    });

    it('says that nothing answers, and that a name is not known', async () => {
      const refused = await diagnose('https://localhost:1');
      expect([refused.of('connection'), refused.code]).toEqual([['connection_refused'], 5]);
      const unknown = await diagnose('https://mcp.acme.invalid');
      expect(unknown.of('dns')[0]).toMatch(/^name_un(known|answered)$/);
      expect([unknown.of('connection'), unknown.code]).toEqual([['skipped'], 5]);
    });

    it('goes through the proxy, and shows no password of it', async () => {
      const port = await serve(company.issue('DNS:mcp.acme.invalid'), nothing);
      const proxy = await proxyTo(port);
      const found = await diagnose('https://mcp.acme.invalid', {
        env: { HTTPS_PROXY: `http://bob:pa55word@${proxy}/` },
      });
      expect([found.of('proxy'), found.of('dns'), found.of('connection'), found.of('tls')]).toEqual([
        ['ok'],
        ['skipped'],
        ['skipped'],
        ['ok'],
      ]);
      expect(found.of('control-plane')).toEqual(['not_a_control_plane']);
      expect(found.findings.find(({ check }) => check === 'proxy')?.detail).toContain(
        `http://${proxy} (set by HTTPS_PROXY)`,
      );
      expect(JSON.stringify(found.findings)).not.toContain('pa55word');
    });

    it.each<[string, { status: number }]>([
      ['proxy_wants_password', { status: 407 }],
      ['proxy_refuses', { status: 403 }],
    ])('says %s where the proxy answers with %j', async (fault, answer) => {
      const proxy = await proxyTo(answer);
      const found = await diagnose('https://mcp.acme.invalid', { env: { HTTPS_PROXY: `http://${proxy}` } });
      expect([found.of('proxy'), found.of('tls'), found.code]).toEqual([[fault], ['skipped'], 5]);
      expect(found.says(fault).fix).toMatchObject({ person: 'network team' });
    });

    it('says that the proxy is not there, and where it is set', async () => {
      const found = await diagnose('https://mcp.acme.invalid', { env: { https_proxy: 'http://127.0.0.1:1' } });
      expect(found.says('proxy_unreachable').detail).toBe(
        'The proxy http://127.0.0.1:1 (set by https_proxy) cannot be reached (ECONNREFUSED).',
      );
    });
  },
);
