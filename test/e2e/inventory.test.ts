import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inventorySchema, type Inventory } from '../../shared/api/inventory.js';
import { ROOT } from '../../demo/stack/root.js';
import { runApart } from '../support/inventory/bubblewrap.js';
import { prepareMachine, SECRETS } from '../support/inventory/machine.js';
import { sarifFaults } from '../support/sarif/sarif-faults.js';

const CLI = [process.execPath, join(ROOT, 'dist', 'cli', 'main.js'), 'inventory'];

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-inventory-'));
let marker: string;
let runs: readonly Run[];
let methods: readonly string[];
let found: Inventory;

describe('mcp-sso inventory', () => {
  beforeAll(async () => {
    const { homes, marker: touched } = await prepareMachine(folder);
    marker = touched;
    const hosts = join(folder, 'hosts');
    await writeFile(
      hosts,
      '# ours\n127.0.0.1:3001\nhttp://127.0.0.1:3005/mcp # protected\n127.0.0.1:3006\n127.0.0.1:3099\n',
    );
    const onBoth = ['--home', homes[0], '--home', homes[1]];
    const commands = [
      [...CLI, ...onBoth, '--listening', '--json'],
      [...CLI, ...onBoth, '--listening'],
      [...CLI, ...onBoth, '--listening', '--sarif'],
      [...CLI, '--home', homes[1], '--net', '127.0.0.0/30', '--ports', '3001,3002,3003,3004,3005,3006', '--json'],
      [...CLI, '--home', homes[1], '--hosts', hosts, '--json'],
      [...CLI, '--home', homes[1], '--json'],
    ];
    const told = runApart([process.execPath, join(ROOT, 'test', 'support', 'inventory', 'network.mjs')], {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      MCP_SSO_URL: 'https://mcp.acme.example',
      REQUEST_LOG: join(folder, 'requests.log'),
      COMMANDS: JSON.stringify(commands),
    });
    ({ runs, methods } = JSON.parse(told) as { runs: Run[]; methods: string[] });
    found = inventorySchema.parse(JSON.parse(runs[0]!.stdout));
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('finds every server that a config of an app, a project or an extension names', () => {
    const named = found.servers.map(({ app, name, line, file }) => [app, name, line, file.slice(folder.length + 1)]);
    expect(named).toEqual([
      ['claude-desktop', 'mcp-sso', 3, 'alice/.config/Claude/claude_desktop_config.json'],
      ['claude-desktop', 'github', 9, 'alice/.config/Claude/claude_desktop_config.json'],
      ['claude-desktop', 'starter', 19, 'alice/.config/Claude/claude_desktop_config.json'],
      ['claude-code', 'filesystem', 4, 'alice/.claude.json'],
      ['claude-code', 'orders', 16, 'alice/.claude.json'],
      ['cursor', 'search', 3, 'alice/.cursor/mcp.json'],
      ['cursor', 'crm', 6, 'alice/.cursor/mcp.json'],
      ['vscode', 'web', 4, 'alice/.config/Code/User/mcp.json'],
      ['codex', 'docs', 3, 'alice/.codex/config.toml'],
      ['gemini-cli', 'maps', 3, 'alice/.gemini/settings.json'],
      ['zed', 'linear', 3, 'alice/.config/zed/settings.json'],
      ['goose', 'slack', 5, 'alice/.config/goose/config.yaml'],
      ['continue', 'tickets', 3, 'alice/.continue/config.yaml'],
      ['lm-studio', 'aws', 3, 'alice/.lmstudio/mcp.json'],
      ['amazon-q', 'jwt', 3, 'alice/.aws/amazonq/mcp.json'],
      ['warp', 'everywhere', 3, 'alice/.warp/.mcp.json'],
      [
        'cline',
        'off',
        3,
        'alice/.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
      ],
      [
        'roo-code',
        'openai',
        3,
        'alice/.config/Code/User/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json',
      ],
      ['claude-desktop', 'notes', 8, 'alice/.config/Claude/Claude Extensions/acme.notes/manifest.json'],
      ['vscode', 'Helper', 7, 'alice/.vscode/extensions/acme.helper-0.9.0/package.json'],
      ['claude-code', 'project', 3, 'alice/code/shop/.mcp.json'],
      ['cursor', 'remote', 3, 'alice/code/shop/.cursor/mcp.json'],
      ['vscode', 'starter2', 3, 'alice/code/shop/.vscode/mcp.json'],
      ['gemini-cli', 'deep', 3, 'alice/code/deep/a/b/.gemini/settings.json'],
      ['codex', 'company', 1, 'bob/.codex/config.toml'],
      ['lm-studio', 'evil\u001b[31m\nforged: line', 3, 'bob/.lmstudio/mcp.json'],
    ]);
    expect(found.looked.files).toBe(30);
  });

  it('pitfall 32, inventory: says of broken and hostile files why they were not read, and where', () => {
    expect(found.unread.map(({ file, line, reason }) => [file.slice(folder.length + 1), line, reason])).toEqual([
      ['alice/.codeium/windsurf/mcp_config.json', 3, 'it is not valid JSON'],
      ['alice/.kiro/settings/mcp.json', null, 'it is not a file'],
      ['alice/code/shop/.codex/config.toml', 2, 'it is not valid TOML'],
      ['bob/.config/Claude/claude_desktop_config.json', null, 'its links lead in a circle'],
      ['bob/.claude.json', null, 'it is nested too deep'],
      ['bob/.cursor/mcp.json', null, 'it is not UTF-8 text'],
      ['bob/.gemini/settings.json', null, 'it is larger than 16 MiB'],
      ['bob/.config/goose/config.yaml', null, 'it is nested too deep'],
    ]);
  });

  it('tells packages that are pinned from those that are not, and who is behind mcp-sso already', () => {
    const pinned = found.servers.flatMap(({ name, package: launched }) =>
      launched ? [[name, launched.registry, launched.name, launched.version, launched.pinned]] : [],
    );
    expect(pinned).toEqual(
      expect.arrayContaining([
        ['github', 'npm', '@modelcontextprotocol/server-github', null, false],
        ['filesystem', 'npm', '@modelcontextprotocol/server-filesystem', '2026.8.31', true],
        ['orders', 'pypi', 'orders-mcp', '1.4.2', true],
        ['docs', 'oci', 'ghcr.io/acme/docs', 'latest', false],
        ['linear', 'npm', 'linear-mcp', '0.3.1', true],
        ['aws', 'pypi', 'awslabs.core-mcp-server', 'latest', false],
        ['notes', 'bundle', 'notes', '1.2.0', true],
        ['project', 'git', 'https://github.com/acme/mcp', 'main', false],
      ]),
    );
    expect(found.servers.flatMap(({ name, behind }) => (behind ? [[name, behind]] : []))).toEqual([
      ['mcp-sso', 'bridge'],
      ['company', 'gateway'],
    ]);
  });

  it('pitfall 32, inventory: counts secrets by kind, and shows none of them, nor a part of one, in any output', () => {
    expect(
      found.servers.flatMap(({ name, secrets }) => secrets.map((one) => [name, one.kind, one.in, one.count])),
    ).toEqual([
      ['github', 'github_token', 'env', 1],
      ['orders', 'url_password', 'env', 1],
      ['search', 'named', 'url', 1],
      ['crm', 'bearer_authorization', 'header', 1],
      ['web', 'random', 'url', 1],
      ['docs', 'named', 'argument', 1],
      ['slack', 'slack_token', 'env', 1],
      ['tickets', 'named', 'argument', 1],
      ['aws', 'aws_access_key', 'env', 1],
      ['jwt', 'jwt', 'argument', 1],
      ['openai', 'openai_key', 'env', 1],
      ['project', 'anthropic_key', 'env', 1],
    ]);
    const said = runs.flatMap(({ stdout, stderr }) => [stdout, stderr]).join('\n');
    const leaked = Object.entries(SECRETS).filter(([, secret]) => partsOf(secret).some((part) => said.includes(part)));
    expect(leaked.map(([kind]) => kind)).toEqual([]);
  });

  it('pitfall 32, inventory: starts no server, and calls no tool', () => {
    expect(existsSync(marker)).toBe(false);
    expect(methods.toSorted()).toEqual(['POST', 'server/discover', 'tools/list']);
    expect(readFileSync(join(folder, 'requests.log'), 'utf8')).not.toContain('tools/call');
  });

  it('finds the three open servers, the two that ask for a login and the one that hangs, with owner and tools', () => {
    const places = found.endpoints.map(({ url, state, server, revision, transport, bind }) => [
      url,
      state,
      server?.name,
      revision,
      transport,
      bind,
    ]);
    expect(places).toEqual([
      ['http://127.0.0.1:3003/mcp', 'open', 'open-modern', '2026-07-28', 'http', '127.0.0.1'],
      ['http://127.0.0.1:3004/mcp', 'guarded', undefined, null, null, '127.0.0.1'],
      ['http://127.0.0.1:3005/mcp', 'protected', undefined, null, null, '127.0.0.1'],
      ['http://127.0.0.1:3006/mcp', 'silent', undefined, null, null, '127.0.0.1'],
      ['http://[::1]:3001/mcp', 'open', 'mcp-servers/everything', '2025-11-25', 'http', '::'],
      ['http://[::1]:3002/sse', 'open', 'mcp-servers/everything', '2024-11-05', 'sse', '::'],
    ]);
    const [modern, , , , legacy, sse] = found.endpoints;
    expect(modern!.tools).toEqual(['drop\u001b[2Jtable']);
    expect(legacy!.tools).toContain('get-env');
    expect(sse!.tools).toContain('get-env');
    expect(found.endpoints.map(({ owner }) => owner?.process)).toEqual(Array.from({ length: 6 }, () => 'node'));
    expect(legacy!.problems).toEqual(['answers-without-login', 'bound-to-every-address', 'unencrypted-address']);
    expect(found.endpoints[2]!.resourceMetadata).toBe('http://127.0.0.1:3005/.well-known/oauth-protected-resource/mcp');
  });

  it('finds the same over a range and over a file of hosts, and asks nothing that was not given', () => {
    expect(states(runs[3]!).filter(([url]) => url!.includes('127.0.0.1'))).toEqual([
      ['http://127.0.0.1:3001/mcp', 'open', 'net'],
      ['http://127.0.0.1:3002/sse', 'open', 'net'],
      ['http://127.0.0.1:3003/mcp', 'open', 'net'],
      ['http://127.0.0.1:3004/mcp', 'guarded', 'net'],
      ['http://127.0.0.1:3005/mcp', 'protected', 'net'],
      ['http://127.0.0.1:3006/mcp', 'silent', 'net'],
    ]);
    expect(states(runs[4]!)).toEqual([
      ['http://127.0.0.1:3001/mcp', 'open', 'hosts'],
      ['http://127.0.0.1:3005/mcp', 'protected', 'hosts'],
      ['http://127.0.0.1:3006/mcp', 'silent', 'hosts'],
    ]);
    expect(states(runs[5]!)).toEqual([]);
  });

  it('ends with 8 where something on the network answers strangers, with 0 otherwise, and soon', () => {
    expect(runs.map(({ code }) => code)).toEqual([8, 8, 8, 8, 8, 0]);
    expect(runs.map(({ stderr }) => stderr)).toEqual(['', '', '', '', '', '']);
    expect(Math.max(...runs.map(({ milliseconds }) => milliseconds))).toBeLessThan(60_000);
  });

  it('pitfall 32, inventory: prints a table that no name steers', () => {
    const { stdout } = runs[1]!;
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(stdout).not.toMatch(/^forged: line/m);
    expect(stdout).toMatch(
      /^ {2}9 +github +stdio +@modelcontextprotocol\/server-github +1 secret: github_token in env; unpinned; direct$/m,
    );
    expect(stdout).toMatch(
      /^http:\/\/127\.0\.0\.1:3003\/mcp +OPEN, no login +open-modern 2\.0\.0 +2026-07-28 +node \(\d+\) of \w+$/m,
    );
    expect(stdout).toContain('http://127.0.0.1:3003/mcp: 1 tool: drop\u{fffd}[2Jtable\n');
    expect(stdout).toContain('mcp_config.json, line 3: it is not valid JSON\n');
  });

  it('prints SARIF that the published schema takes', () => {
    const document = JSON.parse(runs[2]!.stdout) as { runs: { results: { ruleId: string }[] }[] };
    expect(sarifFaults(document)).toEqual([]);
    expect(sarifFaults({ ...document, version: '2.0.0' })).not.toEqual([]);
    const rules = document.runs[0]!.results.map(({ ruleId }) => ruleId);
    expect(rules.filter((rule) => rule === 'plaintext-secret')).toHaveLength(12);
    expect(rules.filter((rule) => rule === 'answers-without-login')).toHaveLength(3);
  });
});

function states({ stdout }: Run): string[][] {
  return inventorySchema.parse(JSON.parse(stdout)).endpoints.map(({ url, state, found: by }) => [url, state, by]);
}

/** All parts of a secret of eight characters: less says nothing. */
function partsOf(secret: string): string[] {
  return Array.from({ length: secret.length - 7 }, (_unused, at) => secret.slice(at, at + 8));
}
