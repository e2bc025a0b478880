import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundleProgram } from '../../cli/packaging/bundle.mjs';
import { ROOT } from '../../demo/stack/root.js';
import { BridgeSession } from '../../demo/walk/bridge.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { useStack } from '../support/stack.js';

/** The whole answer, and not an error that repeats it. */
const CUSTOMER = /^\{.*Nordwind/;
const MOMENTS = [0, 10, 25, 40, 60, 80, 100, 130, 160, 200];
const INITIALIZE = { protocolVersion: '2025-11-25', clientInfo: { name: 'claude-ai', version: '1' }, capabilities: {} };
const LIST = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';

/** A laptop on which the product is a file of its own, that a new version can replace; or inside of another command. */
class OwnProgram extends Laptop {
  readonly program = join(this.home, 'mcp-sso');
  inside: readonly string[] = [];

  override commandLine(args: readonly string[]): { command: string; args: string[] } {
    return { command: '/usr/bin/env', args: ['-i', `HOME=${this.home}`, ...this.inside, this.program, ...args] };
  }
}

/** The next version: the same sources under another number, in the release's bundle, which Node runs. */
async function nextVersion(file: string): Promise<void> {
  const folder = join(dirname(file), 'next');
  mkdirSync(folder, { recursive: true });
  await bundleProgram(ROOT, folder, '99.0.0');
  const script = `#!${process.execPath}\nrequire(${JSON.stringify(join(folder, 'main.js'))});\n`;
  writeFileSync(file, script, { mode: 0o755 });
}

/** What a call answers: the customer, where all works. */
async function customer(bridge: BridgeSession): Promise<string> {
  const { text, isError } = await bridge.call('crm__get_customer', { id: 'c-1' });
  return isError ? `failed: ${text}` : text;
}

describe('a bridge that is signed in goes on', () => {
  let alice: OwnProgram;
  let bridges: BridgeSession[] = [];
  const stack = useStack();
  beforeAll(async () => {
    alice = new OwnProgram('alice', stack().folder);
    copyFileSync(alice.executable, alice.program);
    await alice.login(stack().addresses.publicUrl);
  });
  afterEach(async () => {
    alice.inside = [];
    await Promise.all(bridges.splice(0).map((bridge) => bridge.close()));
  });

  async function start(): Promise<BridgeSession> {
    const bridge = await BridgeSession.connect(alice);
    bridges.push(bridge);
    return bridge;
  }

  it.each(MOMENTS)(
    'complaint 3, killed %i ms after its start, it leaves a sign-in that the next one uses',
    async (after) => {
      const { command, args } = alice.commandLine(['bridge']);
      const child = spawn(command, args, { cwd: alice.elsewhere, stdio: ['pipe', 'ignore', 'ignore'] });
      child.stdin.on('error', () => undefined);
      child.stdin.write(
        `${JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: INITIALIZE })}\n${LIST}\n`,
      );
      // The moment itself is what is tried.
      await wait(after);
      child.kill('SIGKILL');
      await once(child, 'close');
      const next = await start();
      expect(await next.tools()).toContain('crm__get_customer');
    },
  );

  it('complaint 11, while it runs a new version takes its place: it works on, and the new one is signed in', async () => {
    const old = await start();
    expect(await customer(old)).toMatch(CUSTOMER);
    const fresh = join(alice.home, 'mcp-sso.new');
    await nextVersion(fresh);
    renameSync(fresh, alice.program);
    expect(await customer(old)).toMatch(CUSTOMER);
    const next = await start();
    expect([old, next].map(({ client }) => client.getServerVersion()?.version)).toEqual(['0.1.0', '99.0.0']);
    expect(await customer(next)).toMatch(CUSTOMER);
    expect(await customer(old)).toMatch(CUSTOMER);
    copyFileSync(alice.executable, fresh);
    renameSync(fresh, alice.program);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'complaint 13, the control plane ends by %s and comes back: the next call works, without a new start',
    async (signal) => {
      const bridge = await start();
      expect(await customer(bridge)).toMatch(CUSTOMER);
      await stack().stopControlPlane(signal);
      await stack().startControlPlane();
      expect(await customer(bridge)).toMatch(CUSTOMER);
    },
  );

  it('complaint 14, after a sleep in which every connection was lost it resumes by itself', async () => {
    const bridge = await start();
    expect(await customer(bridge)).toMatch(CUSTOMER);
    const id = bridge.processId ?? 0;
    process.kill(id, 'SIGSTOP');
    await stack().stopControlPlane('SIGKILL');
    await stack().startControlPlane();
    process.kill(id, 'SIGCONT');
    expect(await customer(bridge)).toMatch(CUSTOMER);
  });

  it.each(['+8h', '-8h'])(
    'with a clock that is wrong by %s it signs by the control plane’s, and calls work',
    async (by) => {
      alice.inside = ['FAKETIME_DONT_FAKE_MONOTONIC=1', '/usr/bin/faketime', '-f', by];
      expect(await customer(await start())).toMatch(CUSTOMER);
    },
  );
});
