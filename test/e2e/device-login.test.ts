import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, it } from 'vitest';
import { BridgeSession } from '../../demo/walk/bridge.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { placeIn, type SignInPlace } from '../../demo/walk/sign-in.js';
import { searchAudit } from '../support/audit.js';
import { deviceLogin, reconfigure } from '../support/device.js';
import { signInAsAuditor } from '../support/person.js';
import { useStack } from '../support/stack.js';

const stack = useStack();

/** `mcp-sso login`, and the place that it names on stderr. */
async function startLogin(laptop: Laptop, ...words: string[]): Promise<{ child: ChildProcess; place: SignInPlace }> {
  const { publicUrl } = stack().addresses;
  const { command, args } = laptop.commandLine(['login', '--url', publicUrl, '--credential-store', 'file', ...words]);
  const child = spawn(command, args, { cwd: laptop.elsewhere, stdio: ['ignore', 'pipe', 'pipe'] });
  for await (const line of createInterface({ input: child.stderr })) {
    const place = placeIn(line);
    if (place) return { child, place };
  }
  throw new Error('The login named no place.');
}

describe('mcp-sso login --device', () => {
  it('says address and code on stderr, waits, prints one JSON document, and the audit says how it was done', async () => {
    const laptop = new Laptop('alice', stack().folder);
    const { publicUrl } = stack().addresses;
    const { code, stdout, stderr } = await laptop.run(
      'login',
      '--url',
      publicUrl,
      '--device',
      '--json',
      '--credential-store',
      'file',
    );
    expect(code).toBe(0);
    expect(stderr).toContain(`Open ${publicUrl}/oauth/device in a browser on any computer and type the code `);
    expect(JSON.parse(stdout)).toMatchObject({ controlPlane: publicUrl, account: { email: 'alice@demo.example' } });
    expect((await laptop.run('status')).code).toBe(0);
    const bridge = await BridgeSession.connect(laptop);
    expect((await bridge.call('crm__get_customer', { id: 'c-1' })).isError).toBe(false);
    await bridge.close();
    const [record] = await searchAudit(stack(), await signInAsAuditor(stack()), {
      type: 'auth.sign-in',
      user: 'alice@demo.example',
    });
    expect(record).toMatchObject({
      decision: 'allow',
      client: { id: 'mcp-bridge' },
      address: '127.0.0.1',
      detail: 'device, approved from 127.0.0.1',
    });
  });

  it('is chosen by itself where there is no display', async () => {
    const laptop = new Laptop('bob', stack().folder);
    const { child, place } = await startLogin(laptop);
    expect(place.code).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
    await laptop.signIn(place);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends with 130 when it is interrupted', async () => {
    const { child } = await startLogin(new Laptop('carol', stack().folder), '--device');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
  });

  it('runs once per person: a second process shows the same code, and both are signed in', async () => {
    const laptop = new Laptop('dave', stack().folder);
    const [first, second] = await Promise.all([startLogin(laptop, '--device'), startLogin(laptop, '--device')]);
    expect(second.place).toEqual(first.place);
    const ends = Promise.all([once(first.child, 'exit'), once(second.child, 'exit')]);
    await laptop.signIn(first.place);
    expect(await ends).toEqual([
      [0, null],
      [0, null],
    ]);
  });
});

describe('the tool sign_in where there is no display', () => {
  it('names an address and a code, and the tools appear without a restart', async () => {
    const laptop = new Laptop('carol', stack().folder);
    await laptop.login(stack().addresses.publicUrl);
    await laptop.run('logout');
    const bridge = await BridgeSession.connect(laptop);
    expect(await bridge.tools()).toEqual(['sign_in']);
    expect(await bridge.signIn()).toEqual({
      url: `${stack().addresses.publicUrl}/oauth/device`,
      code: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
    });
    expect(await bridge.tools()).toContain('everything__get-sum');
    await bridge.close();
  });

  it('with --no-browser names an address of the browser’s own sign-in', async () => {
    const laptop = new Laptop('carol', stack().folder);
    await laptop.run('logout');
    const bridge = await BridgeSession.connect(laptop, { openBrowser: false });
    const place = await bridge.signIn();
    expect(place.code).toBeUndefined();
    expect(String(place.url)).toContain('/oauth/authorize?');
    await bridge.close();
  });
});

describe('where the company switched it off', () => {
  beforeAll(() => reconfigure(stack(), deviceLogin('off')));

  it('--device says so and names the browser', async () => {
    const laptop = new Laptop('alice', stack().folder);
    const { publicUrl } = stack().addresses;
    const { code, stdout, stderr } = await laptop.run(
      'login',
      '--url',
      publicUrl,
      '--device',
      '--credential-store',
      'file',
    );
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toBe(
      'mcp-sso: Device login is switched off here. Sign in through a browser: run `mcp-sso login` on a computer that has one.',
    );
  });

  it('a computer without a display names the address of the browser’s own sign-in', async () => {
    const { child, place } = await startLogin(new Laptop('bob', stack().folder));
    expect(place.code).toBeUndefined();
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
  });
});
