import { existsSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AccountsMachine, packageExecutable, PROGRAM } from '../support/accounts-machine.js';

const root = process.platform === 'linux' && process.getuid?.() === 0;
const ENTRY = { command: PROGRAM, args: ['bridge'] };
const HOOKS = ['/etc/xdg/autostart/mcp-sso-setup.desktop', '/etc/profile.d/mcp-sso-setup.sh'];
/** Waits, as that person, until the hook has written its log. */
const UNTIL_LOGGED =
  'timeout 30 sh -c "until grep -q added ~/.local/state/mcp-sso/setup.log 2>/dev/null; do sleep 0.05; done"';

describe.skipIf(!root)('mcp-sso setup --all-users, as root', () => {
  let executable: string;
  let machine: AccountsMachine;
  beforeAll(() => {
    executable = packageExecutable();
  });
  beforeEach(() => {
    machine = new AccountsMachine(executable);
  });
  afterEach(() => machine[Symbol.dispose]());

  const setUp = (...flags: string[]) => {
    const { status, stdout, stderr } = machine.run(`mcp-sso setup --all-users --json ${flags.join(' ')}`);
    const { hook, accounts } = JSON.parse(stdout) as {
      hook: { place: string; change: string }[];
      accounts: { account: string; outcome: string; error?: { message: string } }[];
    };
    return {
      status,
      stderr,
      hook: hook.map(({ change }) => change),
      places: hook.map(({ place }) => place),
      outcomes: Object.fromEntries(accounts.map(({ account, outcome }) => [account, outcome])),
    };
  };

  it('sets up each account as that account, goes on after one that fails, does nothing twice, and takes it all back', () => {
    machine.run('mkdir ~/.cursor && echo "{}" > ~/.cursor/mcp.json', 'alice');
    machine.run('mkdir ~/.gemini && echo "{ broken" > ~/.gemini/settings.json', 'bob');
    const outcomes = { alice: 'changed', bob: 'failed', carol: 'no-app' };
    expect(setUp('--dry-run')).toEqual({ status: 3, stderr: '', hook: ['added', 'added'], places: HOOKS, outcomes });
    expect(machine.read('home/alice/.cursor/mcp.json')).toBe('{}\n');
    expect(HOOKS.some((file) => existsSync(machine.path(file)))).toBe(false);

    expect(setUp()).toMatchObject({ status: 3, hook: ['added', 'added'], outcomes });
    expect(JSON.parse(machine.read('home/alice/.cursor/mcp.json'))).toEqual({ mcpServers: { 'mcp-sso': ENTRY } });
    expect(machine.run('stat -c %U:%a ~/.cursor/mcp.json ~/.local/state/mcp-sso/setup.json', 'alice').stdout).toBe(
      'alice:644\nalice:600\n',
    );
    expect(setUp()).toMatchObject({ status: 3, hook: ['none', 'none'], outcomes: { ...outcomes, alice: 'unchanged' } });

    expect(setUp('--remove')).toMatchObject({ status: 3, hook: ['removed', 'removed'], outcomes });
    expect(machine.read('home/alice/.cursor/mcp.json')).toBe('{}\n');
    expect(HOOKS.some((file) => existsSync(machine.path(file)))).toBe(false);
  });

  it('says in words what happened to whom', () => {
    machine.run('mkdir ~/.cursor', 'alice');
    const { status, stdout } = machine.run('mcp-sso setup --all-users');
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout:
        `Hook at login, ${HOOKS[0]}: added\nHook at login, ${HOOKS[1]}: added\n` +
        'alice: changed; restart the apps to load it\n  Cursor, /home/alice/.cursor/mcp.json: added\n' +
        'bob: no AI app was found\ncarol: no AI app was found\n',
    });
  });

  it.each([
    ['over ssh or at the console', 'bash --login -c true'],
    ['at a desktop', 'sh -c "$(sed -n s/^Exec=//p /etc/xdg/autostart/mcp-sso-setup.desktop)"'],
  ])('an account that comes later is set up when it logs in %s', (_where, login) => {
    setUp();
    const { status, stdout, stderr } = machine.run(`mkdir ~/.gemini && ${login} && ${UNTIL_LOGGED}`, 'carol');
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(JSON.parse(machine.read('home/carol/.gemini/settings.json'))).toEqual({ mcpServers: { 'mcp-sso': ENTRY } });
  });

  it('a login neither fails nor says anything where the program is gone, nor where its home folder is', () => {
    setUp();
    const login = 'sh -euc ". /etc/profile.d/mcp-sso-setup.sh; echo in"';
    const asBob = 'setpriv --reuid=61002 --regid=61002 --clear-groups';
    expect(machine.run(`umount ${PROGRAM} && ${asBob} ${login}`)).toEqual({ status: 0, stdout: 'in\n', stderr: '' });
    expect(machine.run(`export HOME=/nowhere; ${login}`, 'bob')).toEqual({ status: 0, stdout: 'in\n', stderr: '' });
  });

  it('nobody but root is let begin', () => {
    expect(machine.run('mcp-sso setup --all-users', 'alice')).toEqual({
      status: 2,
      stdout: '',
      stderr: `mcp-sso: Only root can set up other accounts. Run: sudo ${PROGRAM} setup --all-users\n`,
    });
  });
});
