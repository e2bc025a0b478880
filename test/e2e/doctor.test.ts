import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { CredentialStore } from '../../cli/credential-store/credential-store.js';
import { FileBacking } from '../../cli/credential-store/file-backing.js';
import { KeyFile } from '../../cli/credential-store/key-file.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { runDoctor } from '../support/doctor.js';
import { useStack } from '../support/stack.js';

const GONE = `@id("gone") @reason("For the test.")
permit (principal in Mcp::Group::"demo/engineering", action, resource in Mcp::Server::"gone");
`;

const stack = useStack(async () => ({
  more: { servers: '  gone: { url: "http://127.0.0.1:1/mcp", title: Gone }\n', policies: GONE },
}));
let alice: Laptop;
let bob: Laptop;

/** A laptop on which Claude Desktop starts the bridge. */
function setUp(person: string): Laptop {
  const laptop = new Laptop(person, stack().folder);
  mkdirSync(join(laptop.home, '.config', 'Claude'), { recursive: true });
  return laptop;
}

function emptyHome(): string {
  return mkdtempSync(join(stack().folder, 'home-'));
}

/** A config in which our entry starts that program. */
const entry = (command: string): string => JSON.stringify({ mcpServers: { 'mcp-sso': { command, args: ['bridge'] } } });

beforeAll(async () => {
  [alice, bob] = [setUp('alice'), setUp('bob')];
  for (const laptop of [alice, bob]) {
    await laptop.login(stack().addresses.publicUrl);
    await laptop.ask('setup', 'claude-desktop');
  }
});

describe('mcp-sso doctor', () => {
  it('finds nothing where all is well, and says so in one line each, within 20 seconds', async () => {
    const started = performance.now();
    const { code, stdout } = await bob.run('doctor');
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(performance.now() - started).toBeLessThan(20_000);
    const { publicUrl } = stack().addresses;
    expect(stdout).toContain(`The control plane is ${publicUrl} (set by ${bob.home}/.config/mcp-sso/config.json)`);
    expect(stdout).toMatch(/^ok +AI apps +Claude Desktop starts this program/m);
    expect(stdout).toMatch(/^ok +Credential store +1 sign-in is kept in /m);
    expect(stdout).toMatch(/^ok +Clock +It agrees/m);
    expect(stdout).toMatch(/^skipped +TLS +On this computer itself http is enough\.$/m);
    expect(stdout).toMatch(/^ok +Identity provider +A sign-in leads to localhost:\d+, which answers\.$/m);
    expect(stdout).toMatch(/^ok +Session +You are signed in as Bob/m);
    expect(stdout).toMatch(/^ok +Servers +crm lists \d+ tools, after \d+ ms\.$/m);
    expect(stdout).toMatch(/^0 failed, 0 warnings, \d+ ok, \d+ skipped$/m);
  });

  it('names the server that is away, and who mends it', async () => {
    const found = await runDoctor({ home: alice.home });
    expect(found.code).toBe(1);
    expect(found.of('servers')).toContain('ok');
    expect(found.findings).toContainEqual({
      check: 'servers',
      state: 'failed',
      fault: 'server_silent',
      code: 'upstream_unreachable',
      detail: 'The server gone does not answer the control plane.',
      fix: { person: 'administrator', task: 'Start gone, or correct its address: mcp-sso admin servers' },
    });
  });

  it('says how to sign in where nobody is', async () => {
    const found = await runDoctor({
      home: emptyHome(),
      args: ['--url', stack().addresses.publicUrl, '--credential-store', 'file'],
    });
    expect(found.code).toBe(4);
    expect(found.of('settings')).toEqual(['ok', 'control_plane_unnamed']);
    expect(found.of('app-config')).toEqual(['no_app']);
    expect(found.of('session')).toEqual(['not_signed_in']);
    expect(found.says('not_signed_in').fix).toEqual({ command: `mcp-sso login --url ${stack().addresses.publicUrl}` });
    expect(found.of('servers')).toEqual(['skipped']);
  });

  it('says that the session was ended', async () => {
    const carol = setUp('carol');
    await carol.login(stack().addresses.publicUrl);
    await carol.ask('setup', 'claude-desktop');
    await carol.run('me', 'sessions', 'end', '--all');
    await stack().signOut('carol');
    const found = await runDoctor({ home: carol.home });
    expect(found.code).toBe(4);
    expect(found.of('session')).toEqual(['session_ended']);
    expect(found.says('session_ended').fix).toEqual({ command: `mcp-sso login --url ${stack().addresses.publicUrl}` });
  });

  it('names line and file of a broken config, a program that is gone, and one that is another version', async () => {
    const home = emptyHome();
    const other = join(home, 'mcp-sso-old');
    writeFileSync(other, '#!/bin/sh\necho \'{"version":"0.0.9"}\'\n', { mode: 0o755 });
    const files = {
      '.config/Claude/claude_desktop_config.json': '{\n  "mcpServers": {\n',
      '.cursor/mcp.json': entry(join(home, 'gone', 'mcp-sso')),
      '.gemini/settings.json': entry(other),
      '.codex/config.toml': '[mcp_servers.mcp-sso]\ncommand = "mcp-sso"\n',
      '.codeium/windsurf/mcp_config.json': '{}',
    };
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(join(home, file, '..'), { recursive: true });
      writeFileSync(join(home, file), content);
    }
    const found = await runDoctor({ home, args: ['--url', stack().addresses.publicUrl] });
    expect(found.code).toBe(3);
    expect(found.of('app-config')).toEqual([
      'config_unreadable',
      'program_missing',
      'entry_missing',
      'program_relative',
      'program_version',
    ]);
    expect(found.says('config_unreadable')).toEqual({
      detail: `Claude Desktop cannot be read: ${home}/.config/Claude/claude_desktop_config.json: line 2 is not valid JSON.`,
      fix: { person: 'you', task: 'Correct the file, then run: mcp-sso setup claude-desktop' },
    });
    expect(found.says('program_version').detail).toContain('which is version 0.0.9; this is 0.1.0.');
    expect(found.says('program_missing').fix).toEqual({ command: 'mcp-sso setup cursor' });
  });

  it('says which settings file is broken', async () => {
    const home = emptyHome();
    mkdirSync(join(home, '.config', 'mcp-sso'), { recursive: true });
    writeFileSync(join(home, '.config', 'mcp-sso', 'config.json'), '{"url": 1}');
    const found = await runDoctor({ home });
    expect(found.code).toBe(3);
    expect(found.says('settings_unreadable').detail).toBe(
      `The settings cannot be used. ${home}/.config/mcp-sso/config.json: "url" must be a URL.`,
    );
    expect(found.of('control-plane')).toEqual(['skipped']);
  });

  it('says that the state folder is open to others, and closes it by its own command', async () => {
    const state = join(bob.home, '.local', 'state', 'mcp-sso');
    chmodSync(state, 0o755);
    const { of, says } = await runDoctor({ home: bob.home });
    expect(of('folders')).toEqual(['folder_open']);
    const { fix } = says('folder_open');
    expect(spawnSync('sh', ['-c', (fix as { command: string }).command]).status).toBe(0);
    expect((await runDoctor({ home: bob.home })).of('folders')).toEqual(['ok']);
  });

  it('says that the saved sign-ins are damaged', async () => {
    const file = join(bob.home, '.local', 'state', 'mcp-sso', 'sign-ins');
    const before = readFileSync(file);
    writeFileSync(file, 'nonsense');
    const found = await runDoctor({ home: bob.home });
    writeFileSync(file, before);
    expect([found.code, found.of('credential-store'), found.of('session')]).toEqual([
      7,
      ['sign_ins_unreadable'],
      ['skipped'],
    ]);
  });

  it('writes a report that does not say whose it is, and holds none of their tokens', async () => {
    const file = join(bob.home, 'report.json');
    const { code, stdout } = await bob.run('doctor', '--bundle', file);
    expect(code).toBe(0);
    expect(stdout).toContain(`Wrote ${file}, which is safe to mail.`);
    const report = readFileSync(file, 'utf8');
    expect(report).toContain('You are signed in. It was renewed just now');
    expect(report).not.toMatch(/bob/i);
    const state = join(bob.home, '.local', 'state', 'mcp-sso');
    const store = new CredentialStore(new FileBacking(state, new KeyFile(join(state, 'key'))));
    const saved = await store.read({ origin: stack().addresses.publicUrl, client: 'mcp-bridge' });
    expect(saved?.refreshToken).toMatch(/\S{20}/);
    for (const part of [saved!.refreshToken, saved!.accessToken, saved!.dpopKey.d, saved!.account.person]) {
      expect(report).not.toContain(part);
    }
  });

  it('says that the identity provider cannot be reached from here', async () => {
    await stack().stopIdp();
    const found = await runDoctor({ home: bob.home });
    await stack().startIdp();
    expect([found.of('identity-provider'), found.code]).toEqual([['idp_unreachable_here'], 5]);
    expect(found.says('idp_unreachable_here').fix).toMatchObject({ person: 'network team' });
  });
});
