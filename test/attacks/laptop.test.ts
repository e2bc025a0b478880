import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createServer as createTcpServer, connect, type AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApplication, type TestApplication } from '../../control-plane/identity/testing/application.js';
import { TestBrowser } from '../../control-plane/identity/testing/browser.js';
import { within } from '../../demo/stack/child.js';
import { BridgeSession } from '../../demo/walk/bridge.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { placeIn } from '../../demo/walk/sign-in.js';

const WAIT_MS = 30_000;
let folder: string;
let system: TestApplication;
let laptop: Laptop;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-sso-laptop-'));
  system = await startApplication();
  system.idp.users.set('alice', { groups: [], active: true });
  laptop = new Laptop('alice', folder);
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** One request to a port of this computer, with exactly these headers. */
async function ask(port: number, method: string, path: string, headers: Record<string, string>): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, path, method, headers, setHost: headers['host'] === undefined });
  const answered = once(sent, 'response');
  sent.end();
  const [{ statusCode: status, headers: got, ...response }] = await answered;
  response.resume?.();
  return { status, headers: got };
}

/** How taking that port on that address ends. */
async function take(port: number, host: string): Promise<string> {
  const server = createTcpServer();
  const { promise, resolve } = Promise.withResolvers<string>();
  server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
  server.listen({ port, host, exclusive: true }, () => server.close(() => resolve('taken')));
  return promise;
}

/** How a connection to that address ends. */
async function reach(port: number, host: string): Promise<string> {
  const socket = connect(port, host);
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.once('connect', () => resolve('reached')).once('error', () => resolve('refused'));
  return promise.finally(() => socket.destroy());
}

describe('the port that waits for the browser', () => {
  let login: ChildProcess;
  let address: URL;
  let port: number;
  let ended: Promise<unknown[]>;

  beforeAll(async () => {
    const words = ['login', '--url', system.publicUrl, '--no-browser', '--credential-store', 'file'];
    const { command, args } = laptop.commandLine(words);
    login = spawn(command, args, { cwd: laptop.elsewhere, stdio: ['ignore', 'ignore', 'pipe'] });
    ended = once(login, 'exit');
    const { promise, resolve } = Promise.withResolvers<string | URL>();
    createInterface({ input: login.stderr! }).on('line', (line) => {
      const place = placeIn(line);
      if (place) resolve(place.url);
    });
    address = new URL(await within(promise, WAIT_MS, 'mcp-sso login named no address'));
    port = Number(new URL(address.searchParams.get('redirect_uri') ?? '').port);
  });
  afterAll(() => login.kill('SIGKILL'));

  it('pitfall 7, port hijack: is on 127.0.0.1 alone before the address is shown, and nobody takes it', async () => {
    expect(address.searchParams.get('redirect_uri')).toBe(`http://127.0.0.1:${port}/callback`);
    expect([await take(port, '127.0.0.1'), await take(port, '0.0.0.0')]).toEqual(['EADDRINUSE', 'EADDRINUSE']);
    const others = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const outer = others.filter(({ family, internal }) => family === 'IPv4' && !internal);
    const reached = await Promise.all(outer.map(({ address: host }) => reach(port, host)));
    expect(reached).toEqual(outer.map(() => 'refused'));
  });

  it.each<[string, string]>([
    ['no state', '/callback?code=stolen'],
    ['a guessed state', '/callback?code=stolen&state=guessed'],
    ['an error and no state', '/callback?error=access_denied'],
  ])('pitfall 7, port hijack: an answer with %s is turned away, and the sign-in goes on', async (_name, path) => {
    expect((await ask(port, 'GET', path, {})).status).toBe(400);
    expect(login.exitCode).toBeNull();
  });

  it.each(['evil.example', 'localhost', `evil.example:PORT`, 'localhost:PORT', '127.0.0.1', '[::1]:PORT'])(
    'pitfall 15, DNS rebinding: %s as Host is turned away',
    async (host) => {
      const answer = await ask(port, 'GET', '/callback', { host: host.replace('PORT', String(port)) });
      expect(answer.status).toBe(400);
    },
  );

  it('pitfall 15, DNS rebinding: another page gets no permission, and only GET is served', async () => {
    for (const method of ['OPTIONS', 'POST', 'PUT', 'HEAD']) {
      const answer = await ask(port, method, '/callback', { origin: 'http://evil.example' });
      expect([method, answer.status]).toEqual([method, 405]);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  it('pitfall 5, PKCE and state: are in the address, and the sign-in then ends well', async () => {
    expect(address.searchParams.get('code_challenge_method')).toBe('S256');
    expect(address.searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    expect(address.searchParams.get('state')).toMatch(/^[\w-]{43}$/);
    const browser = new TestBrowser();
    const confirm = await browser.submit(await browser.open(address), { login: 'alice' });
    const end = await browser.submit(confirm, { decision: 'approve' });
    expect(end.status).toBe(200);
    expect(await within(ended, WAIT_MS, 'mcp-sso login did not end')).toEqual([0, null]);
    expect(await reach(port, '127.0.0.1')).toBe('refused');
  });
});

describe('pitfall 26, a configuration that somebody put into a repository', () => {
  it('sends nothing to a control plane that the person never named, and opens nothing', async () => {
    const asked: string[] = [];
    const evil = createServer((incoming, response) => {
      asked.push(`${incoming.method} ${incoming.url} ${JSON.stringify(incoming.headers)}`);
      response.writeHead(401).end();
    });
    evil.listen(0, '127.0.0.1');
    await once(evil, 'listening');
    const url = `http://127.0.0.1:${(evil.address() as AddressInfo).port}`;
    const bridge = await BridgeSession.connect(laptop, { url });
    try {
      expect(await bridge.tools()).toEqual(['sign_in']);
      const answer = await bridge.call('sign_in');
      expect(answer.text).toContain('mcp-sso login');
      expect(placeIn(answer.text)).toBeUndefined();
      expect(asked).toEqual([]);
    } finally {
      await bridge.close();
      evil.close();
    }
  });

  it.each([
    'http://127.0.0.1:1/$(touch pwned)',
    'http://127.0.0.1:1";touch pwned;"',
    '--config=/etc/passwd',
    'file:///etc/passwd',
  ])('an address such as %s is refused by its form, and runs nothing', async (url) => {
    const { code } = await laptop.run('login', '--url', url, '--no-browser', '--credential-store', 'file');
    expect([code === 0, readdirSync(laptop.elsewhere)]).toEqual([false, []]);
  });
});
