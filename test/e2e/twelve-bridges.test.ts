import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BridgeSession, type BridgeOptions } from '../../demo/walk/bridge.js';
import { signInAs } from '../../demo/walk/sign-in.js';
import { Desktop } from '../support/desktop.js';
import { lockHolders } from '../support/lock-holder.js';
import { RefreshGate } from '../support/refresh-gate.js';
import { useStack } from '../support/stack.js';

const APPS = [
  { app: { name: 'claude-ai', version: '1.4.2' }, mode: 'legacy' },
  { app: { name: 'cursor-vscode', version: '2.1.0' }, mode: 'legacy' },
  { app: { name: 'Visual Studio Code', version: '1.130.0' }, mode: 'auto' },
] as const;
/** What each app has in its configuration. */
const FOUR = [{}, { server: 'crm' }, { server: 'files' }, {}] as const;
const SOON = { timeout: 30_000, interval: 100 };
const TOOL = /get_customer|read_text_file/;

/** The process that waits for the person, as the kernel tells it. */
const leader = (desktop: Desktop): number => {
  const [holder, ...more] = lockHolders(desktop.state, /^sign-in-[0-9a-f]+\.lock$/);
  expect([holder, more]).toEqual([expect.any(Number), []]);
  return holder ?? 0;
};

/** Another than before waits for the answer at the address that the tab will go to. */
async function takenOver(address: string): Promise<void> {
  const callback = new URL(address).searchParams.get('redirect_uri') ?? '';
  await vi.waitFor(async () => expect((await fetch(callback)).status).toBe(400), SOON);
}

describe('twelve bridges of three AI apps, started at once and signed out', () => {
  let gate: RefreshGate;
  let desktop: Desktop;
  let bridges: BridgeSession[] = [];
  const stack = useStack(async () => {
    gate = await RefreshGate.listen();
    return { publicPort: gate.port };
  });
  beforeAll(async () => {
    gate.forwardTo(stack().addresses.listen);
    desktop = new Desktop('alice', stack().folder);
    await desktop.login(stack().addresses.publicUrl);
  });
  beforeEach(async () => {
    await desktop.ask('logout');
    rmSync(join(desktop.home, 'opened'), { force: true });
    rmSync(join(desktop.state, 'browser-opened'), { force: true });
    const start = (options: BridgeOptions): Promise<BridgeSession> => BridgeSession.connect(desktop, options);
    bridges = await Promise.all(APPS.flatMap((app) => FOUR.map((which) => start(Object.assign({}, app, which)))));
  });
  afterEach(async () => {
    await Promise.all(bridges.map((bridge) => bridge.close()));
    bridges = [];
  });
  afterAll(() => gate[Symbol.asyncDispose]());

  async function signedOutLists(): Promise<string> {
    expect(await Promise.all(bridges.map((bridge) => bridge.tools()))).toEqual(bridges.map(() => ['sign_in']));
    await vi.waitFor(() => expect(desktop.opened).toHaveLength(1), SOON);
    return desktop.opened[0] ?? '';
  }

  /** Who is left has the tools, without having been asked for anything. */
  async function toolsAppear(): Promise<void> {
    for (const bridge of bridges) {
      await vi.waitFor(async () => expect((await bridge.tools()).join(' ')).toMatch(TOOL), SOON);
    }
    expect(desktop.opened).toHaveLength(1);
  }

  async function kill(processId: number): Promise<void> {
    process.kill(processId, 'SIGKILL');
    const victim = bridges.findIndex((bridge) => bridge.processId === processId);
    expect(victim).toBeGreaterThanOrEqual(0);
    await bridges.splice(victim, 1)[0]?.close();
  }

  it('complaint 1, one browser tab, one sign-in, twelve lists of tools', async () => {
    const address = await signedOutLists();
    expect(bridges).toHaveLength(12);
    await desktop.signIn({ url: address });
    await toolsAppear();
  });

  it('the one that runs the sign-in is killed while the person is at the identity provider: the tab stays good', async () => {
    const address = await signedOutLists();
    await kill(leader(desktop));
    await takenOver(address);
    await kill(leader(desktop));
    await takenOver(address);
    await desktop.signIn({ url: address });
    await toolsAppear();
    expect(bridges).toHaveLength(10);
  });

  it('the one that runs the sign-in is killed over the answer: the same tab, loaded again, completes it', async () => {
    const address = await signedOutLists();
    const caught = gate.catchRefresh('answered', 0);
    const lost = desktop.signIn({ url: address }).catch((error: unknown) => error);
    await caught;
    await kill(leader(desktop));
    expect(await lost).toBeInstanceOf(Error);
    await takenOver(address);
    const page = await signInAs(desktop.browser, desktop.browser.visited.at(-1) ?? '', 'alice');
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('You are signed in')]);
    await toolsAppear();
    expect(bridges).toHaveLength(11);
  });

  it('any other is killed, before, during and after the sign-in: the rest go on', async () => {
    const other = (): number => bridges.find(({ processId }) => processId !== leader(desktop))?.processId ?? 0;
    const address = await signedOutLists();
    await kill(other());
    const signIn = desktop.signIn({ url: address });
    await kill(other());
    await signIn;
    await kill(bridges[3]?.processId ?? 0);
    await toolsAppear();
    expect(bridges).toHaveLength(9);
  });
});
