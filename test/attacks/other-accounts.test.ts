import { existsSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AccountsMachine, packageExecutable, PROGRAM } from '../support/accounts-machine.js';

const root = process.platform === 'linux' && process.getuid?.() === 0;

describe.skipIf(!root)('an account against root, who sets up all accounts', () => {
  let executable: string;
  let machine: AccountsMachine;
  beforeAll(() => {
    executable = packageExecutable();
  });
  beforeEach(() => {
    machine = new AccountsMachine(executable);
  });
  afterEach(() => machine[Symbol.dispose]());

  it.each([
    ['its config', 'mkdir ~/.cursor && ln -s /srv/secret.json ~/.cursor/mcp.json'],
    ['a folder of its config', 'ln -s /srv ~/.cursor'],
    ['a new file of a folder', 'ln -s /srv ~/.gemini'],
    ['the record for an undo', 'mkdir -p ~/.cursor ~/.local/state && ln -s /srv ~/.local/state/mcp-sso'],
    ['another account’s config', 'ln -s /home/bob/.cursor ~/.cursor'],
  ])('a link in place of %s leads root nowhere, and the others are set up all the same', (_what, plant) => {
    machine.write('srv/secret.json', '{"root":"only"}');
    machine.write('srv/mcp.json', '{"root":"only"}');
    machine.run('chmod 600 /srv/secret.json');
    machine.run('mkdir -m 755 ~/.cursor', 'bob');
    expect(machine.run(plant, 'alice').status).toBe(0);
    const { stdout } = machine.run('mcp-sso setup --all-users');
    expect(stdout).toContain('bob: changed; restart the apps to load it\n');
    expect(machine.read('srv/secret.json')).toBe('{"root":"only"}');
    expect(machine.read('srv/mcp.json')).toBe('{"root":"only"}');
    expect(machine.run('ls -A /srv').stdout).toBe('mcp.json\nsecret.json\n');
    expect(machine.run('ls -A ~/.cursor', 'bob').stdout).toBe('mcp.json\n');
  });

  it('an account that root’s folders are closed to cannot have them read for it', () => {
    machine.write('srv/closed/config.toml', 'secret = "of root"\n');
    machine.run('chmod 700 /srv/closed');
    machine.run('ln -s /srv/closed ~/.codex', 'alice');
    const { stdout, stderr } = machine.run('mcp-sso setup --all-users');
    expect(stdout + stderr).not.toContain('of root');
    expect(machine.read('srv/closed/config.toml')).toBe('secret = "of root"\n');
  });

  it.each([
    [
      'the program itself',
      `cp ${PROGRAM} /srv/mcp-sso && chmod 757 /srv/mcp-sso`,
      '/srv/mcp-sso may be written by others',
    ],
    ['its folder', `cp ${PROGRAM} /srv/mcp-sso && chmod 777 /srv`, '/srv may be written by others'],
    [
      'the program, as it owns it',
      `cp ${PROGRAM} /srv/mcp-sso && chown alice /srv/mcp-sso`,
      '/srv/mcp-sso does not belong to root',
    ],
  ])('where an account could replace %s, no account is made to run it', (_what, prepare, reason) => {
    machine.run('mkdir ~/.cursor', 'bob');
    const { status, stdout, stderr } = machine.run(`${prepare} && /srv/mcp-sso setup --all-users`);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toContain(reason);
    expect(existsSync(machine.path('etc/profile.d/mcp-sso-setup.sh'))).toBe(false);
    expect(machine.run('ls -A ~/.cursor', 'bob').stdout).toBe('');
  });
});
