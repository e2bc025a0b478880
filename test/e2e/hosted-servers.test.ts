import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../demo/stack/root.js';
import { credentials } from '../support/http.js';
import { fetchAs, modernRequest, sendMcp } from '../support/mcp.js';
import { signIn, type SignedIn } from '../support/person.js';
import { everythingAt } from '../support/policies.js';
import { allEnded, processesWith } from '../support/processes.js';
import { useStack } from '../support/stack.js';

const SERVER = join(ROOT, 'test', 'support', 'hosted-server.mjs');
const root = process.getuid?.() === 0;
const KINDS = ['bubblewrap', 'none', ...(root ? ['user:nobody'] : [])];
const idOf = (kind: string): string => `run-${kind.replace(':', '-')}`;
/** In the command line of each, so that it can be found among the processes of the machine. */
const marks = new Map(KINDS.map((kind) => [kind, `mark-${randomUUID()}`]));

const servers = KINDS.map(
  (kind) => `  ${idOf(kind)}:
    command: ${JSON.stringify([process.execPath, SERVER, 'legacy', marks.get(kind)])}
    isolation: ${kind}
    ${kind === 'bubblewrap' ? `read: [${SERVER}]` : 'network: host'}
`,
).join('');
const policies = KINDS.map((kind) => everythingAt(idOf(kind))).join('');

const stack = useStack(async () => ({ more: { servers, policies } }));
let alice: SignedIn;

beforeAll(async () => {
  alice = await signIn(stack(), 'alice');
});

async function call(kind: string, name: string, args: object = {}, by = alice): Promise<string> {
  const url = `${stack().addresses.publicUrl}/mcp/${idOf(kind)}`;
  const answer = await sendMcp(url, await credentials(by, 'POST', url), 'tools/call', { name, arguments: args });
  const { result } = JSON.parse(answer.text) as { result?: { content: { text: string }[] } };
  return result?.content[0]?.text ?? answer.text;
}

/** Every process of a hosted server, and one that it has started itself. */
async function family(kind: string, by = alice): Promise<number[]> {
  const seconds = `${86_400 + Math.random()}`;
  expect(await call(kind, 'spawn', { seconds }, by)).toMatch(/^\d+$/);
  const pids = [...processesWith(marks.get(kind) ?? kind), ...processesWith(`sleep\0${seconds}`)];
  expect(pids.length).toBeGreaterThan(1);
  return pids;
}

describe.each(KINDS)('a server hosted with isolation: %s', (kind) => {
  it('leaves no process behind when the control plane is killed', async () => {
    const pids = await family(kind);
    await stack().stopControlPlane('SIGKILL');
    await allEnded(pids);
    expect(processesWith(marks.get(kind) ?? kind)).toEqual([]);
    await stack().startControlPlane();
  });

  it('leaves none when it crashes itself, and is started again', async () => {
    const pids = await family(kind);
    expect(await call(kind, 'crash')).toContain('It is not known whether it took effect.');
    await allEnded(pids);
    await expect.poll(() => call(kind, 'count'), { timeout: 10_000 }).toContain('"count":1');
  });

  it('leaves none when the control plane is stopped', async () => {
    const pids = await family(kind);
    expect(await stack().stopControlPlane('SIGTERM')).toBe('exit code 0');
    await allEnded(pids);
    await stack().startControlPlane();
  });
});

describe.runIf(root)('a server hosted as another user', () => {
  it('is that user, and reads nothing of the control plane', async () => {
    expect(JSON.parse(await call('user:nobody', 'who'))).toMatchObject({ uid: 65_534 });
    for (const path of ['master.key', 'mcp-sso.yaml', 'data/mcp-sso.db']) {
      expect(await call('user:nobody', 'read', { path: join(stack().config, path) })).toMatch(/^EACCES /);
    }
    const { ppid } = JSON.parse(await call('user:nobody', 'who')) as { ppid: number };
    expect(await call('user:nobody', 'read', { path: `/proc/${ppid}/environ` })).toMatch(/^EACCES /);
  });
});

/** A connection that says `text`, once it is there, and when it is closed. */
async function connection(text: string): Promise<{ readonly closed: Promise<void> }> {
  const { port, hostname, host } = new URL(stack().addresses.publicUrl);
  const closed = Promise.withResolvers<void>();
  const there = Promise.withResolvers<void>();
  const socket: Socket = connect(Number(port), hostname, () => {
    if (text === '') there.resolve();
    else socket.write(`${text}\r\nhost: ${host}\r\n\r\n`);
  });
  socket.once('data', () => there.resolve());
  socket.on('error', there.reject);
  socket.once('close', () => closed.resolve());
  await there.promise;
  return { closed: closed.promise };
}

/** A GET stream of a client of 2025-11-25. */
async function legacyStream(url: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'old', version: '1' } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
  const greeted = await fetchAs(alice)(url, { method: 'POST', headers, body });
  const session = { ...headers, 'mcp-session-id': greeted.headers.get('mcp-session-id')! };
  await greeted.text();
  return fetchAs(alice)(url, { headers: session });
}

describe('a stop of the control plane', () => {
  it('ends streams and silent connections at once and a call with its client, and leaves no process behind', async () => {
    const url = `${stack().addresses.publicUrl}/mcp/${idOf('none')}`;
    const client = new AbortController();
    const ask = (method: string, params: Record<string, unknown>, signal?: AbortSignal): Promise<Response> =>
      fetchAs(alice)(url, { method: 'POST', ...modernRequest(method, params), ...(signal ? { signal } : {}) });
    const pids = await family('none');
    const streams = [
      await ask('subscriptions/listen', { notifications: { toolsListChanged: true } }),
      await legacyStream(url),
    ];
    const connections = [await connection('GET /healthz HTTP/1.1'), await connection('')];
    const wait = { name: 'wait', _meta: { progressToken: 1 } };
    const waiting = await ask('tools/call', wait, client.signal);
    expect([...streams, waiting].map(({ status }) => status)).toEqual([200, 200, 200]);

    const ended = stack().stopControlPlane('SIGTERM');
    await Promise.all([...streams.map((stream) => stream.text()), ...connections.map(({ closed }) => closed)]);
    client.abort();
    expect(await ended).toBe('exit code 0');
    await allEnded(pids);
    expect(processesWith(marks.get('none')!)).toEqual([]);
  });
});
