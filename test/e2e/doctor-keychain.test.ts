import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDoctor, type DoctorRun } from '../support/doctor.js';

const INSTALL = 'apt-get install -y gnome-keyring dbus libsecret-tools';
const missing = ['dbus-run-session', 'gnome-keyring-daemon', 'secret-tool'].filter(
  (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0,
);
/** Nothing answers there, and nothing needs to. */
const CONTROL_PLANE = 'https://localhost:1';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'mcp-sso-keychain-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function emptyHome(): string {
  return mkdtempSync(join(folder, 'home-'));
}

/** Runs it in a D-Bus session of its own, after a command. */
function inSession(command: string): Promise<DoctorRun> {
  const inside = ['dbus-run-session', '--', 'bash', '-c', `${command} >/dev/null; exec "$0" "$@"`];
  return runDoctor({ home: emptyHome(), inside, args: ['--url', CONTROL_PLANE] });
}

describe.skipIf(missing.length > 0)(`the keychain (needs: ${INSTALL})`, () => {
  it('is used where it is open', async () => {
    const found = await inSession('printf %s ci-pass | gnome-keyring-daemon --unlock --components=secrets');
    expect(found.of('credential-store')).toEqual(['ok']);
  });

  it('is said to be locked where it is', async () => {
    const found = await inSession('gnome-keyring-daemon --start --components=secrets');
    expect(found.of('credential-store')).toEqual(['keychain_locked']);
    expect(found.says('keychain_locked').fix).toEqual({
      person: 'you',
      task: 'Unlock the keychain, then run: mcp-sso doctor',
    });
  });

  it('is said to hang where it does not answer, within seconds', async () => {
    const home = emptyHome();
    const bus = createServer(() => undefined);
    const socket = join(home, 'bus');
    const { promise: listening, resolve } = Promise.withResolvers<void>();
    bus.listen(socket, resolve);
    await listening;
    const env = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}` };
    const started = performance.now();
    const found = await runDoctor({ home, env, args: ['--url', CONTROL_PLANE] });
    bus.close();
    expect(found.of('credential-store')).toEqual(['keychain_hanging']);
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});

it('without a keychain the memory is said to be all there is', async () => {
  const found = await runDoctor({ home: emptyHome(), args: ['--url', CONTROL_PLANE] });
  expect(found.of('credential-store')).toEqual(['memory_only']);
  expect(found.says('memory_only').fix).toEqual({ command: 'mcp-sso login --credential-store file' });
});
