import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { reportHook } from '../agent-hooks/report-hook.js';
import { AgentReports } from './agent-reports.js';
import { BridgeLog } from './log.js';

let stateFolder: string;
let open: AgentReports[];
const log: string[] = [];
const debugged: string[] = [];

beforeEach(() => {
  stateFolder = mkdtempSync(join(tmpdir(), 'mcp-sso-hooks-'));
  open = [];
  log.length = 0;
  debugged.length = 0;
});
afterEach(() => {
  for (const agents of open) agents.close();
  rmSync(stateFolder, { recursive: true, force: true });
});

const sink = new BridgeLog({ level: 'debug', write: (line) => log.push(line) });

/** A bridge that an app has started, once it listens. */
async function bridge(
  env: Record<string, string> = { CLAUDECODE: '1', CLAUDE_CODE_SESSION_ID: 'env' },
): Promise<AgentReports> {
  const agents = new AgentReports({ env, stateFolder, log: sink, now: Date.now });
  open.push(agents);
  const heard = log.length;
  agents.listen();
  if (env['CLAUDECODE'] !== undefined) await vi.waitUntil(() => log[heard] === 'mcp-sso: hooks are heard\n');
  return agents;
}

function tell(input: unknown): Promise<void> {
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  return reportHook({
    stdin: Readable.from([Buffer.from(text)]),
    stateFolder,
    debug: (what) => void debugged.push(what),
  });
}

const CALL = { hook_event_name: 'PreToolUse', session_id: 's1', tool_name: 'mcp__x__y', tool_use_id: 'toolu_1' };
const message = (toolUse: unknown) => ({ params: { _meta: { 'claudecode/toolUseId': toolUse } } });

test('a hook reaches every bridge of the person before it ends, at a socket for nobody else', async () => {
  const both = [await bridge(), await bridge()];
  const [first, second] = readdirSync(join(stateFolder, 'hooks'));
  expect([first, second]).toEqual([expect.stringMatching(/^[0-9a-f]{8}\.sock$/), expect.anything()]);
  expect(statSync(join(stateFolder, 'hooks')).mode & 0o777).toBe(0o700);
  expect(statSync(join(stateFolder, 'hooks', first!)).mode & 0o777).toBe(0o600);
  await tell({ ...CALL, agent_id: 'a1', agent_type: 'Explore', tool_input: { q: 'x'.repeat(100_000) } });
  for (const agents of both) {
    expect(agents.chainOf(message('toolu_1'))).toEqual({
      bridge: expect.stringMatching(/^[0-9a-f-]{36}$/),
      environment: { host: 'claude-code', session: 'env' },
      hook: { session: 's1', id: 'a1', type: 'Explore', toolUse: 'toolu_1' },
    });
    expect(agents.chainOf(message('toolu_2'))).not.toHaveProperty('hook');
    expect(agents.chainOf(message(7))).not.toHaveProperty('hook');
  }
  expect(both[0]!.chainOf({}).bridge).not.toBe(both[1]!.chainOf({}).bridge);
});

test('the socket goes with its bridge, and a dead one is cleared away by the next hook', async () => {
  const agents = await bridge();
  agents.close();
  await expect.poll(() => readdirSync(join(stateFolder, 'hooks'))).toEqual([]);
  const dead = join(stateFolder, 'hooks', '00000000.sock');
  writeFileSync(dead, '');
  await tell(CALL);
  expect(readdirSync(join(stateFolder, 'hooks'))).toEqual([]);
});

test('a bridge of another app listens to nobody, and no bridge is no error', async () => {
  await bridge({});
  await tell(CALL);
  expect(debugged).toEqual([expect.stringContaining('ENOENT')]);
});

test.each([
  ['nothing', ''],
  ['half a message', '{'],
  ['another hook', { hook_event_name: 'Stop', session_id: 's' }],
  ['no session', { ...CALL, session_id: undefined }],
  ['a session of nothing that is seen', { ...CALL, session_id: '\u202e\u0000' }],
  ['a session that is no text', { ...CALL, session_id: { toString: 's1' } }],
  ['nesting without an end', `{"hook_event_name":${'['.repeat(5_000_000)}`],
  ['more than any hook gets', `{"tool_input":"${'x'.repeat(17_000_000)}`],
])('a hook that gets %s ends all the same', async (_what, input) => {
  await bridge();
  await expect(tell(input)).resolves.toBeUndefined();
  expect(debugged).toHaveLength(1);
});

test('a folder that others may write to is not used by either side', async () => {
  await bridge();
  chmodSync(join(stateFolder, 'hooks'), 0o777);
  await tell(CALL);
  expect(debugged).toEqual([expect.stringContaining('belongs to somebody else')]);
  const agents = new AgentReports({ env: { CLAUDECODE: '1' }, stateFolder, log: sink, now: Date.now });
  agents.listen();
  expect(log.at(-1)).toContain('hooks are not heard');
});

test('what is no report, and what never ends, harms nobody', async () => {
  const agents = await bridge();
  const [name] = readdirSync(join(stateFolder, 'hooks'));
  const address = join(stateFolder, 'hooks', name!);
  for (const text of ['{}', 'x'.repeat(100_000)]) {
    const { promise, resolve } = Promise.withResolvers<void>();
    connect(address)
      .on('error', () => undefined)
      .on('close', () => resolve())
      .resume()
      .end(text);
    await promise;
  }
  await tell(CALL);
  expect(agents.chainOf(message('toolu_1')).hook).toEqual({ session: 's1', toolUse: 'toolu_1', depth: 0 });
});

test.each([
  [{}, undefined],
  [{ CLAUDECODE: '1' }, { host: 'claude-code' }],
  [
    { CLAUDE_CODE_SESSION_ID: 'c', GROK_SESSION_ID: 'g' },
    { host: 'grok', session: 'g' },
  ],
  [
    { CODEX_THREAD_ID: 't', CLAUDE_CODE_SESSION_ID: '' },
    { host: 'codex', session: 't' },
  ],
])('the environment %j', (env, environment) => {
  const agents = new AgentReports({ env, log: sink, now: Date.now });
  expect(agents.chainOf({}).environment).toEqual(environment);
});
