import { expect, test } from 'vitest';
import { withTomlEntry } from './toml-entry.js';

const SLOT = { file: '/home/a/.codex/config.toml', key: 'mcp_servers', name: 'mcp-sso' };
const ENTRY = { command: 'C:\\mcp-sso\\mcp-sso.exe', args: ['bridge'] };
const TABLE = '[mcp_servers.mcp-sso]\ncommand = "C:\\\\mcp-sso\\\\mcp-sso.exe"\nargs = ["bridge"]\n';

const MINE = `# mine
model = "gpt-5" # keep

[mcp_servers.a] # pinned
command = 'npx'

[mcp_servers.a.env]
TOKEN = "x"

# profiles
[profiles.fast]
model = "o"
`;

test.each([
  ['', TABLE],
  [MINE, `${MINE}\n${TABLE}`],
  ['a = 1', `a = 1\n\n${TABLE}`],
  ['[tui]\r\nx = 1\r\n', `[tui]\r\nx = 1\r\n\r\n${TABLE.replaceAll('\n', '\r\n')}`],
  ['\uFEFFa = 1\n', `\uFEFFa = 1\n\n${TABLE}`],
  ['[mcp_servers]\nb.command = "y"\n', `[mcp_servers]\nb.command = "y"\n\n${TABLE}`],
])('adds a table to %j and touches nothing else', (before, after) => {
  expect(withTomlEntry(before, SLOT, ENTRY)).toBe(after);
  expect(withTomlEntry(after, SLOT, ENTRY)).toBe(after);
});

test('a table that points elsewhere is corrected where it stands; what a person added to it stays', () => {
  expect(
    withTomlEntry(
      '[mcp_servers.mcp-sso] # ours\ncommand = "/old" # was\nstartup_timeout_sec = 30\n\n[mcp_servers.mcp-sso.env]\nA = "b"\n\n[tui]\n',
      SLOT,
      { command: '/opt/mcp-sso', args: ['bridge'] },
    ),
  ).toBe(
    '[mcp_servers.mcp-sso] # ours\nargs = ["bridge"]\ncommand = "/opt/mcp-sso" # was\nstartup_timeout_sec = 30\n\n[mcp_servers.mcp-sso.env]\nA = "b"\n\n[tui]\n',
  );
});

test.each([
  [`${MINE}\n${TABLE}`, MINE],
  [`${TABLE}\n# profiles\n[profiles.fast]\n`, '\n# profiles\n[profiles.fast]\n'],
  ['[mcp_servers.mcp-sso]\ncommand = "x" # ours\n[mcp_servers.mcp-sso.env]\nA = "b"\n[tui]\n', '[tui]\n'],
  ['mcp_servers.mcp-sso.command = "x"\nmcp_servers.a.command = "y"\n', 'mcp_servers.a.command = "y"\n'],
  ['[mcp_servers]\nmcp-sso = { command = "x" }\n', '[mcp_servers]\n'],
  [MINE, MINE],
])('takes the table out of %j', (before, after) => {
  expect(withTomlEntry(before, SLOT, undefined)).toBe(after);
});

test.each([
  ['a = 1\nb = \n', 'line 2 is not valid TOML'],
  ['a = 1\na = 2\n', 'line 2 is not valid TOML'],
  ['mcp_servers = 1\n', 'its "mcp_servers" is not a table'],
  ['mcp_servers = { a = { command = "x" } }\n', 'is one inline table'],
])('refuses %j', (text, reason) => {
  expect(() => withTomlEntry(text, SLOT, ENTRY)).toThrow(
    expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(reason) as string }),
  );
});
