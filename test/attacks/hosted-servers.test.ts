import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../demo/stack/root.js';
import { credentials } from '../support/http.js';
import { sendMcp } from '../support/mcp.js';
import { signIn, type SignedIn } from '../support/person.js';
import { everythingAt } from '../support/policies.js';
import { useStack } from '../support/stack.js';

const HOSTILE = join(ROOT, 'test', 'support', 'hosted-server.mjs');
const SECRET = 'file-credential-of-the-sandbox';
const PEM = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSj\n-----END PRIVATE KEY-----\n';
const outside = mkdtempSync(join(realpathSync(tmpdir()), 'mcp-sso-outside-'));
const allowed = mkdtempSync(join(realpathSync(tmpdir()), 'mcp-sso-allowed-'));

writeFileSync(join(outside, 'diary.txt'), 'of another person');
writeFileSync(join(allowed, 'notes.txt'), 'written down as allowed');
writeFileSync(join(outside, 'token'), SECRET);
writeFileSync(join(outside, 'key'), PEM);

/** The same hostile program twice: with nothing allowed, and with what is written down. */
const servers = `
  hostile:
    command: ${JSON.stringify([process.execPath, HOSTILE])}
    read: [${HOSTILE}]
    env: { GIVEN: plain, TOKEN: "file:${join(outside, 'token')}" }
    files: { /run/secrets/token: "file:${join(outside, 'token')}", /run/secrets/key: "file:${join(outside, 'key')}" }
    memoryMiB: 1024
  trusted:
    command: ${JSON.stringify([process.execPath, HOSTILE])}
    read: [${HOSTILE}, ${allowed}]
    write: [${join(allowed)}]
    network: host
`;
const policies = ['hostile', 'trusted'].map(everythingAt).join('');

const stack = useStack(async () => ({ more: { servers, policies } }));
let alice: SignedIn;
let loopback: Server;

beforeAll(async () => {
  alice = await signIn(stack(), 'alice');
  loopback = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => loopback.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  loopback.close();
  for (const folder of [outside, allowed]) rmSync(folder, { recursive: true, force: true });
});

async function attempt(server: string, name: string, args: object = {}, by = alice) {
  const url = `${stack().addresses.publicUrl}/mcp/${server}`;
  const answer = await sendMcp(url, await credentials(by, 'POST', url), 'tools/call', { name, arguments: args });
  const { result, error } = JSON.parse(answer.text) as {
    result?: { isError?: boolean; content: { text: string }[] };
    error?: { code: number; message: string };
  };
  return { failed: result?.isError === true || error !== undefined, text: result?.content[0]?.text ?? '', error };
}

const portOf = (listen: string): number => Number(listen.split(':')[1]);

describe('a hosted server in its sandbox', () => {
  it.each([
    ['the master key', () => join(stack().config, 'master.key')],
    ['the settings', () => join(stack().config, 'mcp-sso.yaml')],
    ['the database', () => join(stack().config, 'data', 'mcp-sso.db')],
    ['another person’s file', () => join(outside, 'diary.txt')],
    ['the temporary folder of the machine', () => outside],
    ['the share of another hosted server', () => join(stack().folder, 'share', 'handbook.txt')],
    ['the users of the machine', () => '/etc/shadow'],
    ['the home folders', () => '/root'],
    ['the sockets of the machine', () => '/run/docker.sock'],
  ])('cannot read %s', async (_what, path) => {
    const { failed, text } = await attempt('hostile', 'read', { path: path() });
    expect({ failed, text }).toEqual({ failed: true, text: expect.stringMatching(/^(ENOENT|EACCES) /) as string });
  });

  it('sees no process but its own, and not the environment of its parent', async () => {
    const { text } = await attempt('hostile', 'read', { path: '/proc' });
    const processes = (JSON.parse(text) as string[]).filter((name) => /^\d+$/.test(name));
    expect(processes.toSorted()).toEqual(['1', '2']);
    const environments = await Promise.all(
      processes.map(async (pid) => (await attempt('hostile', 'read', { path: `/proc/${pid}/environ` })).text),
    );
    for (const environment of environments) expect(environment).not.toContain('MCP_SSO');
    const { text: control } = await attempt('hostile', 'read', { path: `/proc/${process.pid}/environ` });
    expect(control).toMatch(/^ENOENT /);
  });

  it('has no environment but what its settings give', async () => {
    const { text } = await attempt('hostile', 'env');
    expect(Object.keys(JSON.parse(text) as object).toSorted()).toEqual([
      'GIVEN',
      'HOME',
      'LANG',
      'PATH',
      'PWD',
      'TOKEN',
    ]);
  });

  it('inherits no file of ours', async () => {
    const { text } = await attempt('hostile', 'fds');
    const files = (JSON.parse(text) as string[]).filter(
      (target) => target.startsWith('/') && !target.startsWith('/dev/'),
    );
    expect(files.filter((target) => !target.startsWith('/proc/'))).toEqual([]);
  });

  it.each([
    ['the control plane', () => portOf(stack().addresses.listen)],
    ['its admin listener', () => portOf(stack().addresses.adminListen)],
    ['another service on loopback', () => (loopback.address() as AddressInfo).port],
  ])('cannot reach %s', async (_what, port) => {
    const { failed, text } = await attempt('hostile', 'connect', { port: port() });
    expect(failed).toBe(true);
    expect(text).toMatch(/^ECONNREFUSED /);
  });

  it.each([
    '/usr/bin/planted',
    '/etc/passwd',
    '/planted',
    '/dev/planted',
    // A setting of the kernel that takes no text; its neighbour core_pattern runs programs as root.
    '/proc/sys/kernel/threads-max',
  ])('cannot write %s', async (path) => {
    expect((await attempt('hostile', 'write', { path, text: 'x' })).text).toMatch(/^(EROFS|EACCES|EPERM) /);
  });

  it('cannot write into its own code', async () => {
    expect((await attempt('hostile', 'write', { path: HOSTILE, text: 'x' })).failed).toBe(true);
    expect(readFileSync(HOSTILE, 'utf8')).toContain('An MCP server over stdio');
  });

  it('reads its credential file, and neither file nor variable reaches the client or the log', async () => {
    expect((await attempt('hostile', 'read', { path: '/run/secrets/token' })).text).toBe('[redacted]');
    expect((await attempt('hostile', 'env')).text).toContain('"TOKEN":"[redacted]"');
    expect((await attempt('hostile', 'say', { text: `my token is ${SECRET}` })).text).toBe('said');
    expect((await attempt('hostile', 'noise', { text: `on stdout ${SECRET}` })).text).toBe('made');
    const log = readFileSync(stack().logFile('control-plane'), 'utf8');
    expect(log).toContain('my token is [redacted]');
    expect(log).not.toContain(SECRET);
  });

  it('cannot put a key of several lines into the log, said line by line', async () => {
    expect((await attempt('hostile', 'say', { text: `${PEM}that was my key` })).text).toBe('said');
    const file = stack().logFile('control-plane');
    await expect.poll(() => readFileSync(file, 'utf8'), { timeout: 10_000 }).toContain('that was my key');
    const log = readFileSync(file, 'utf8');
    for (const line of PEM.trim().split('\n')) expect(log).not.toContain(line);
  });

  it('keeps what it holds from another person', async () => {
    await attempt('hostile', 'write', { path: '/tmp/mine', text: 'alice was here' });
    expect((await attempt('hostile', 'read', { path: '/tmp/mine' })).text).toBe('alice was here');
    const bob = await signIn(stack(), 'bob');
    expect((await attempt('hostile', 'read', { path: '/tmp/mine' }, bob)).text).toMatch(/^ENOENT /);
    expect((await attempt('hostile', 'count', {}, bob)).text).toContain('"count":1');
  });

  it('cannot take all memory', async () => {
    const bob = await signIn(stack(), 'bob');
    const { failed, error } = await attempt('hostile', 'allocate', { mebibytes: 4096 }, bob);
    expect(failed).toBe(true);
    // Either its own runtime refuses, or it ends.
    expect([undefined, -31025]).toContain(error?.code);
  });
});

describe('what is written down as allowed', () => {
  it('works: reading, writing, and the loopback of the machine', async () => {
    expect((await attempt('trusted', 'read', { path: join(allowed, 'notes.txt') })).text).toBe(
      'written down as allowed',
    );
    expect((await attempt('trusted', 'write', { path: join(allowed, 'new.txt'), text: 'new' })).text).toBe('written');
    expect(readFileSync(join(allowed, 'new.txt'), 'utf8')).toBe('new');
    const { port } = loopback.address() as AddressInfo;
    expect((await attempt('trusted', 'connect', { port })).text).toBe('reached');
  });

  it('opens nothing beside it', async () => {
    expect((await attempt('trusted', 'read', { path: join(stack().config, 'master.key') })).text).toMatch(/^ENOENT /);
    expect((await attempt('trusted', 'read', { path: join(outside, 'diary.txt') })).text).toMatch(/^ENOENT /);
  });
});
