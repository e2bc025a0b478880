import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isProgramMissing } from '../../../test/support/program-missing.js';
import { kitFiles } from './kit-files.js';
import type { KitFile } from './kit.js';
import { emptyHive } from './testing/empty-hive.js';

/** Whatever ends a string, an element, a value or a line somewhere. */
const HOSTILE = `Acme "&' <b>]]></string><key>x</key> \\ %PATH% $(id) é`;

let folder: string;
let files: KitFile[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mdm-'));
  files = kitFiles({ origin: 'https://mcp.acme.example', organization: HOSTILE, version: '1.2.3', overridable: true });
  for (const { path, content, executable } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
    if (executable) chmodSync(join(folder, path), 0o755);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 });

describe.skipIf(isProgramMissing('plistutil', 'python3'))('profiles of macOS', () => {
  interface Profile {
    readonly PayloadOrganization: string;
    readonly PayloadUUID: string;
    readonly PayloadContent: readonly Record<string, unknown>[];
  }

  /** Through libplist to the binary form, and from there by another parser. */
  function parse(path: string): Profile {
    const binary = join(folder, 'profile.bin');
    run('plistutil', '-i', join(folder, path), '-o', binary);
    const program = 'import json,plistlib,sys; print(json.dumps(plistlib.load(open(sys.argv[1],"rb"))))';
    return JSON.parse(run('python3', '-c', program, binary)) as Profile;
  }

  test('our settings, and a name that is nothing but a name', () => {
    const { PayloadOrganization, PayloadContent } = parse('macos/com.mcp-sso.bridge.mobileconfig');
    expect(PayloadOrganization).toBe(HOSTILE);
    const [payload, ...more] = PayloadContent;
    expect(more).toEqual([]);
    expect(payload).toMatchObject({
      PayloadType: 'com.mcp-sso.bridge',
      url: 'https://mcp.acme.example',
      overridable: ['url'],
    });
    expect(Object.keys(payload ?? {}).filter((key) => !key.startsWith('Payload'))).toEqual(['url', 'overridable']);
  });

  test('Claude Desktop’s and Codex’s', () => {
    const desktop = 'claude-desktop/third-party-inference-only/com.anthropic.claudefordesktop.mobileconfig';
    const servers = parse(desktop).PayloadContent[0]?.['managedMcpServers'];
    expect(JSON.parse(String(servers))).toEqual([
      { name: 'mcp-sso', transport: 'stdio', command: '/usr/local/bin/mcp-sso', args: ['bridge'] },
    ]);
    const codex = parse('codex/macos/com.openai.codex.mobileconfig').PayloadContent[0]?.['requirements_toml_base64'];
    expect(Buffer.from(String(codex), 'base64').toString()).toBe(
      '[mcp_servers.mcp-sso.identity]\ncommand = "/usr/local/bin/mcp-sso"\n',
    );
  });

  test('no two profiles or payloads have one id', () => {
    const profiles = files.filter(({ path }) => path.endsWith('.mobileconfig')).map(({ path }) => parse(path));
    const ids = profiles.flatMap((one) => [one.PayloadUUID, one.PayloadContent[0]?.['PayloadUUID']]);
    expect(ids).toHaveLength(6);
    expect(new Set(ids).size).toBe(6);
  });
});

/** Merges the file into a hive that has the key above it, as Windows has, and reads the value out of the hive. */
function merge(path: string, key: string, value: string): string {
  const hive = join(folder, 'hive');
  writeFileSync(hive, emptyHive());
  const above = join(folder, 'above.reg');
  const start = 'Windows Registry Editor Version 5.00\n\n';
  writeFileSync(above, `${start}[HKEY_LOCAL_MACHINE\\SOFTWARE]\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies]\n`);
  const content = files.find((file) => file.path === path)?.content as Buffer;
  const text = new TextDecoder('utf-16le', { fatal: true }).decode(content);
  // hivex reads UTF-8; the rest of the file is as it was.
  const file = join(folder, 'merged.reg');
  writeFileSync(file, text);
  const prefix = ['--prefix', 'HKEY_LOCAL_MACHINE\\SOFTWARE', hive];
  for (const one of [above, file]) run('hivexregedit', '--merge', ...prefix, one);
  return run('hivexget', hive, key, value).trimEnd();
}

describe.skipIf(isProgramMissing('hivexregedit', 'hivexget'))('files for the registry', () => {
  test('our policy', () => {
    expect(JSON.parse(merge('windows/mcp-sso-policy.reg', 'Policies\\mcp-sso', 'Settings'))).toEqual({
      url: 'https://mcp.acme.example',
      overridable: ['url'],
    });
  });

  test('Claude Desktop’s, with its backslashes', () => {
    const path = 'claude-desktop/third-party-inference-only/claude-desktop.reg';
    expect(JSON.parse(merge(path, 'Policies\\Claude', 'managedMcpServers'))).toEqual([
      {
        name: 'mcp-sso',
        transport: 'stdio',
        command: String.raw`C:\ProgramData\mcp-sso\mcp-sso.exe`,
        args: ['bridge'],
      },
    ]);
  });
});

test.skipIf(isProgramMissing('shellcheck'))('shellcheck finds nothing in the scripts', () => {
  const scripts = files.filter(({ content }) => content.toString().startsWith('#!/bin/sh'));
  expect(scripts.length).toBeGreaterThanOrEqual(3);
  const said = run('shellcheck', '--shell=sh', ...scripts.map(({ path }) => join(folder, path)));
  expect(said).toBe('');
});
