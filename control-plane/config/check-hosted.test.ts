import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { faultText } from './fault-text.js';
import { loadConfig } from './load.js';
import { warningsOf } from './warnings.js';

const HEAD = `publicUrl: https://mcp.acme.example
identity:
  providers:
    okta: { issuer: https://acme.okta.com, clientId: abc, clientSecret: env:IDP_SECRET }
servers:
`;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(realpathSync(tmpdir()), 'mcp-sso-config-'));
  write('master.key', `${Buffer.alloc(32, 7).toString('base64')}\n`);
  chmodSync(join(directory, 'master.key'), 0o600);
  write('bin', '#!/bin/sh\n');
  chmodSync(join(directory, 'bin'), 0o700);
});

afterEach(() => rmSync(directory, { recursive: true }));

function write(file: string, text: string): void {
  writeFileSync(join(directory, file), text);
}

async function load(servers: string, environment: Record<string, string> = {}) {
  write('mcp-sso.yaml', HEAD + servers);
  return await loadConfig(directory, { IDP_SECRET: 'x', ...environment });
}

async function faults(servers: string, environment?: Record<string, string>): Promise<string[]> {
  return (await load(servers, environment)).faults.map(faultText);
}

const asUser = (name: string): string => `  files: { command: [./bin], isolation: "user:${name}", network: host }\n`;
const ADDRESS = 'write the http(s) address of the server’s MCP endpoint, for example https://crm.acme.example/mcp';

test('url and command exclude each other, and one of them is needed', async () => {
  const servers = `  both:
    url: https://crm.acme.example/mcp
    command: [./bin]
    isolation: none
    network: host
  neither: { title: Nothing }
  outside:
    url: https://crm.acme.example/mcp
    env: { A: b }
    network: host
  keyed:
    command: [./bin]
    isolation: none
    network: host
    credential: { kind: bearer, secret: env:IDP_SECRET }
`;
  expect(await faults(servers)).toEqual([
    'mcp-sso.yaml:7:5 servers.both.url: url and command exclude each other → keep url for a server that runs elsewhere, command for one that the control plane runs',
    `mcp-sso.yaml:11:3 servers.neither.url: missing → ${ADDRESS}; or command, where the control plane is to run it`,
    'mcp-sso.yaml:14:5 servers.outside.env: means nothing without command → remove it, or write command',
    'mcp-sso.yaml:15:5 servers.outside.network: means nothing without command → remove it, or write command',
    'mcp-sso.yaml:20:5 servers.keyed.credential: a hosted server gets no HTTP request that could carry it → give it the secret by env or files, for example env: { API_TOKEN: secret:NAME }',
  ]);
});

test('without bubblewrap, or without the program, check says what to install', async () => {
  const found = await faults('  files:\n    command: [mcp-server-nowhere, /srv]\n');
  expect(found.toSorted()).toEqual([
    'mcp-sso.yaml:6:3 servers.files.isolation: bubblewrap is not installed → run: apt-get install -y bubblewrap',
    'mcp-sso.yaml:7:15 servers.files.command[0]: this program is not on PATH → install it, or write its full path',
  ]);
  write('not-executable', '');
  expect(await faults('  files: { command: [./not-executable], isolation: none, network: host }\n')).toEqual([
    'mcp-sso.yaml:6:22 servers.files.command[0]: there is no such program → install it, or write its full path',
  ]);
});

test('what no sandbox keeps may not be written down without one', async () => {
  expect(await faults('  files: { command: [./bin], isolation: none, read: [/usr] }\n')).toEqual([
    'mcp-sso.yaml:6:3 servers.files.network: isolation: none cannot keep a server from the network → write network: host to accept it',
    'mcp-sso.yaml:6:47 servers.files.read: isolation: none cannot keep to this → remove it, or use isolation: bubblewrap',
  ]);
});

test('a value that is none of the known ones is a fault with its place', async () => {
  expect(await faults('  files: { command: [./bin], isolation: docker, network: loopback, idleMinutes: 0 }\n')).toEqual(
    expect.arrayContaining([
      'mcp-sso.yaml:6:41 servers.files.isolation: not a valid value → write bubblewrap, user:NAME or none',
      'mcp-sso.yaml:6:58 servers.files.network: not a known value → write none, or host for the network of this machine with its loopback services',
      'mcp-sso.yaml:6:81 servers.files.idleMinutes: not a valid value → write a number of minutes from 1 to 1440',
    ]),
  );
});

test('secrets are references that can be read, and files lie where a file can be put', async () => {
  const servers = `  files:
    command: [./bin]
    isolation: none
    network: host
    env: { A: "secret:Bad Name", B: env:MISSING, C: plain, D: secret:good }
    files: { /usr/token: secret:x, relative: secret:x, /run/token: hunter2 }
`;
  const found = await faults(servers);
  expect(found).toEqual([
    'mcp-sso.yaml:10:15 servers.files.env.A: not a reference to a secret → write a text (numbers in quotes), or env:NAME, file:PATH or secret:NAME',
    'mcp-sso.yaml:10:37 servers.files.env.B: the environment variable MISSING is not set → set MISSING for the process that runs mcp-sso-control-plane',
    'mcp-sso.yaml:11:5 servers.files.files: isolation: none cannot keep to this → use env, or isolation: bubblewrap',
    'mcp-sso.yaml:11:14 servers.files.files./usr/token: no file can be put there → write an absolute path outside of the system’s own folders, for example /run/secrets/token',
    'mcp-sso.yaml:11:36 servers.files.files.relative: no file can be put there → write an absolute path outside of the system’s own folders, for example /run/secrets/token',
    'mcp-sso.yaml:11:68 servers.files.files./run/token: not a reference to a secret → write env:NAME, file:PATH or secret:NAME; the secret itself never belongs in this file',
  ]);
  expect(found.join('\n')).not.toContain('hunter2');
});

test('no path may open the master key, the settings or the database, also through a link', async () => {
  mkdirSync(join(directory, 'data'));
  mkdirSync(join(directory, 'share'));
  symlinkSync(directory, join(directory, 'share', 'link'));
  const own =
    'this path opens the control plane’s own configuration, key or database → name only the folders that the server works on';
  const servers = `  files:
    command: [./bin]
    read: [/, ., ./data, ./master.key, ./share/link, ./share, /nowhere]
    write: [${join(directory, 'data')}]
`;
  const found = await faults(servers, { PATH: process.env['PATH'] ?? '' });
  expect(found.filter((text) => !text.includes('isolation'))).toEqual([
    `mcp-sso.yaml:8:12 servers.files.read[0]: ${own}`,
    `mcp-sso.yaml:8:15 servers.files.read[1]: ${own}`,
    `mcp-sso.yaml:8:18 servers.files.read[2]: ${own}`,
    `mcp-sso.yaml:8:26 servers.files.read[3]: ${own}`,
    `mcp-sso.yaml:8:40 servers.files.read[4]: ${own}`,
    'mcp-sso.yaml:8:63 servers.files.read[6]: there is nothing at this path → write a path that exists',
    `mcp-sso.yaml:9:13 servers.files.write[0]: ${own}`,
  ]);
});

test('no path and no program may lie where a server could put a link in its place', async () => {
  for (const folder of ['share', 'share/docs', 'data']) mkdirSync(join(directory, folder));
  writeFileSync(join(directory, 'share', 'tool'), '#!/bin/sh\n', { mode: 0o700 });
  symlinkSync(join(directory, 'share'), join(directory, 'same'));
  const servers = `  writer:
    command: [./bin]
    write: [./share]
    read: [./share]
  reader:
    command: [./share/tool]
    read: [./same/docs]
`;
  const found = await faults(servers, { PATH: process.env['PATH'] ?? '' });
  const swap =
    'a server may write around this path, and so put a link to anything in its place → name what lies outside of every write folder, or such a folder as a whole';
  expect(found.filter((text) => !text.includes('isolation'))).toEqual([
    `mcp-sso.yaml:11:15 servers.reader.command[0]: ${swap}`,
    `mcp-sso.yaml:12:12 servers.reader.read[0]: ${swap}`,
  ]);
});

test('no variable may act on the programs that make the sandbox', async () => {
  const env = '{ LD_PRELOAD: /srv/x.so, NODE_OPTIONS: --no-warnings }';
  expect(await faults(`  files: { command: [./bin], isolation: none, network: host, env: ${env} }\n`)).toEqual([
    'mcp-sso.yaml:6:69 servers.files.env.LD_PRELOAD: this would act outside of the sandbox, on what makes it → set it inside: command: [env, LD_PRELOAD=VALUE, PROGRAM]',
  ]);
});

test.runIf(process.getuid?.() === 0)('another user must exist and not be root', async () => {
  expect(await faults(asUser('nobody-here'))).toEqual([
    'mcp-sso.yaml:6:41 servers.files.isolation: there is no user nobody-here on this machine → run: useradd --system nobody-here',
  ]);
  expect(await faults(asUser('root'))).toEqual([
    'mcp-sso.yaml:6:41 servers.files.isolation: root is no isolation → name a user that owns nothing else, or write bubblewrap',
  ]);
});

test('no isolation is accepted where it is written down, with a warning; so is a secret in the clear', async () => {
  const { config } = await load(
    '  files: { command: [./bin], isolation: none, network: host, env: { API_TOKEN: abc, MODE: x } }\ntrustedProxies: [10.0.0.0/8]\n',
  );
  expect(warningsOf(config!.settings)).toEqual([
    'servers.files.isolation: none lets this program read the master key, the database and whatever this user may read',
    'servers.files.env.API_TOKEN: a secret seems to be written out; use secret:NAME instead',
  ]);
});

test('a transport belongs to a url, and is one of two', async () => {
  const servers = `  run: { command: [./bin], transport: sse }
  old: { url: https://crm.acme.example/sse, transport: sse }
  new: { url: https://crm.acme.example/mcp, transport: streamable-http }
  odd: { url: https://crm.acme.example/mcp, transport: websocket }
  bare: { transport: sse }
`;
  const found = await faults(servers);
  expect(found.filter((one) => /transport|bare/.test(one))).toEqual([
    'mcp-sso.yaml:6:28 servers.run.transport: transport and command exclude each other → remove it; a command is always spoken to over stdio',
    'mcp-sso.yaml:9:56 servers.odd.transport: not a known value → write sse for an old server (its address often ends in /sse), or streamable-http',
    `mcp-sso.yaml:10:3 servers.bare.url: missing → ${ADDRESS}; or command, where the control plane is to run it`,
  ]);
});
