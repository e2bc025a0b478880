import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { BridgeSession } from '../../demo/walk/bridge.js';
import { play } from '../../demo/walk/chapter.js';
import { gather } from '../../demo/walk/evidence.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { STORY } from '../../demo/walk/story.js';
import { useStack } from '../support/stack.js';

const stack = useStack();
const quiet = (): void => undefined;

describe('the story through the built executable', () => {
  it('goes as told, and the audit tells the same', async () => {
    const played = [];
    for (const chapter of STORY) played.push(...(await play(stack(), chapter, quiet)));
    const evidence = await gather(stack(), new Laptop('dave', stack().folder), played);
    expect(played).toHaveLength(12);
    expect(evidence.entries.filter(({ decision }) => decision === 'deny')).toHaveLength(5);
    expect(evidence.printed).toContain('cursor-vscode');
  });
});

describe('the bridge', () => {
  let alice: Laptop;
  beforeAll(async () => {
    alice = new Laptop('alice', stack().folder);
    await alice.login(stack().addresses.publicUrl);
  });

  it('leaves no process behind when the AI app closes its stdin', async () => {
    const bridge = await BridgeSession.connect(alice);
    const pid = bridge.processId;
    await bridge.tools();
    const before = Date.now();
    await bridge.close();
    expect(Date.now() - before).toBeLessThan(1500);
    expect(readdirSync('/proc')).not.toContain(String(pid));
  });

  it('serves several AI apps at once from one sign-in', async () => {
    const sessions = await Promise.all([1, 2, 3].map(() => BridgeSession.connect(alice)));
    const answers = await Promise.all(sessions.map((session) => session.call('crm__get_customer', { id: 'c-1' })));
    expect(answers.map(({ isError }) => isError)).toEqual([false, false, false]);
    await Promise.all(sessions.map((session) => session.close()));
  });

  it('shows one server alone with --server, its names untouched', async () => {
    const bridge = await BridgeSession.connect(alice, { server: 'crm' });
    expect(await bridge.tools()).toContain('list_customers');
    expect((await bridge.call('list_customers')).text).toContain('Nordwind');
    await bridge.close();
  });

  it('keeps tokens, keys and the API key out of everything below the person’s home in plain text', async () => {
    const files = readdirSync(alice.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const bytes = readFileSync(`${file.parentPath}/${file.name}`).toString('latin1');
      expect(bytes).not.toMatch(/eyJ[A-Za-z0-9_-]{10,}\.eyJ/);
      expect(bytes).not.toContain('"refresh_token"');
      expect(bytes).not.toContain(stack().apiKey);
    }
  });
});
