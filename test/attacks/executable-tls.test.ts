import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtExecutable } from '../../demo/walk/executable.js';

let folder: string;
let certificate: string;
let url: string;
const requests: string[] = [];
const server = createServer((request, response) => {
  requests.push(request.url ?? '');
  response.writeHead(404).end();
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'executable-tls-'));
  certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const form = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', ...form, ...names], { stdio: 'ignore' });
  server.setSecureContext({ key: readFileSync(key), cert: readFileSync(certificate) });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function login(env: Record<string, string>) {
  const args = ['login', '--url', url, '--credential-store', 'file', '--no-browser'];
  const child = spawn(builtExecutable(), args, { cwd: folder, env: { HOME: folder, ...env }, timeout: 20_000 });
  child.stdin.end();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number]>]);
  return { code, stderr };
}

test('a certificate that the computer does not trust is refused, whatever variables of Node say', async () => {
  for (const env of [{}, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, { NODE_EXTRA_CA_CERTS: certificate }]) {
    const { code, stderr } = await login(env);
    expect({ env, code }).toEqual({ env, code: 5 });
    expect(stderr).toContain('The certificate of localhost');
  }
  expect(requests).toEqual([]);
});

test('one that the computer trusts is taken, and no key of the connection is written down', async () => {
  const keys = join(folder, 'keys');
  const { stderr } = await login({ SSL_CERT_FILE: certificate, SSLKEYLOGFILE: keys });
  expect(stderr).not.toContain('certificate');
  expect(requests.length).toBeGreaterThan(0);
  expect(existsSync(keys)).toBe(false);
});
