import { expect, test } from 'vitest';
import { hookFiles } from './hook-files.js';
import { installRunKey, runKeyLine } from './run-key.js';

const COMMAND = ['/usr/local/bin/mcp-sso', 'setup', '--all', '--quiet'] as const;

test('on macOS launchd starts it in each session (text, not run)', () => {
  const [agent, ...more] = hookFiles('darwin', ['/Library/A & B/mcp-sso', 'setup', '--all', '--quiet'], 501);
  expect(more).toEqual([]);
  expect(agent?.file).toBe('/Library/LaunchAgents/com.mcp-sso.setup.plist');
  expect(agent?.text).toContain(
    '    <string>/Library/A &amp; B/mcp-sso</string>\n    <string>setup</string>\n    <string>--all</string>\n    <string>--quiet</string>\n',
  );
  expect(agent?.text).toContain('  <key>RunAtLoad</key>\n  <true/>\n');
});

test.each(['/opt/a b/mcp-sso', '/opt/$(id)/mcp-sso', '/opt/%f', "/opt/'x"])(
  'a path that a shell or a desktop entry reads otherwise is refused: %s',
  (program) => {
    expect(() => hookFiles('linux', [program], 1000)).toThrow('has characters that a hook at login cannot hold');
  },
);

const QUERIED = (line: string): string =>
  `\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\r\n    mcp-sso-setup    REG_SZ    ${line}\r\n\r\n`;
const PROGRAM = 'C:\\Program Files\\mcp-sso\\mcp-sso.exe';
const LINE = '"C:\\Program Files\\mcp-sso\\mcp-sso.exe" setup --all --quiet';

test.each([
  ['sets', undefined, false, 'added', 'add'],
  ['leaves', LINE, false, 'none', undefined],
  ['corrects', '"C:\\old.exe" setup', false, 'corrected', 'add'],
  ['removes', LINE, true, 'removed', 'delete'],
  ['misses nothing', undefined, true, 'none', undefined],
] as const)(
  'on Windows it %s the Run value (what reg.exe is told, not run)',
  async (_does, before, remove, change, verb) => {
    const asked: string[][] = [];
    const reg = (args: readonly string[]): Promise<string> => {
      asked.push([...args]);
      return args[0] === 'query' && before === undefined
        ? Promise.reject(new Error('reg.exe ended with 1'))
        : Promise.resolve(QUERIED(before ?? ''));
    };
    const command = [PROGRAM, ...COMMAND.slice(1)] as const;
    expect(runKeyLine(command)).toBe(LINE);
    expect(await installRunKey(command, { remove, dryRun: true }, reg)).toMatchObject({ change });
    expect(asked.map(([what]) => what)).toEqual(['query']);
    expect(await installRunKey(command, { remove, dryRun: false }, reg)).toMatchObject({ change });
    expect(asked.slice(2).map(([what]) => what)).toEqual(verb ? [verb] : []);
  },
);
