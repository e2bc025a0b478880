import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDoctor, type DoctorRun } from '../support/doctor.js';

/** A value that a person would not want to mail: random, and made of what passwords are made of. */
function secret(name: string): string {
  return `${name}-${randomBytes(9).toString('hex')}`;
}

const NAMES = [
  'proxy-user',
  'proxy-password',
  'proxy-path',
  'proxy-query',
  'url-env',
  'api-token',
  'entry-env',
  'entry-argument',
  'entry-header',
  'entry-url-password',
  'other-entry',
  'log-line',
  'log-event',
  'log-field',
  'log-detail',
  'server-answer',
  'issuer-password',
  'redirect-code',
] as const;
const SECRETS = Object.fromEntries(NAMES.map((name) => [name, secret(name)])) as Record<(typeof NAMES)[number], string>;

let home: string;
let report: string;
let refusedReport: string;
let run: DoctorRun;
let refused: DoctorRun;

function write(file: string, content: unknown): string {
  const path = join(home, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  return path;
}

/** What answers where the control plane should be: a control plane that talks of secrets. */
const liar = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  if (request.url === '/healthz') return void response.end('{"alive":true}');
  if (request.url === '/readyz') return void response.end('{"ready":true}');
  const issuer = `https://bob:${SECRETS['issuer-password']}@mcp.acme.example/?code=${SECRETS['redirect-code']}`;
  return void response.end(JSON.stringify({ issuer, why: SECRETS['server-answer'] }));
});

beforeAll(async () => {
  home = mkdtempSync(join(realpathSync(tmpdir()), 'mcp-sso-report-'));
  liar.listen(0, '127.0.0.1');
  await once(liar, 'listening');
  const origin = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
  const log = write('bridge.log', `Authorization: Bearer ${SECRETS['log-line']}\n`);
  const time = '2026-11-24T10:00:00.000Z';
  const line = (fields: object): void =>
    appendFileSync(log, `${JSON.stringify({ time, level: 'info', event: 'ending', ...fields })}\n`);
  line({ event: `signed in with ${SECRETS['log-event']}` });
  line({ code: SECRETS['log-field'], method: SECRETS['log-field'], detail: SECRETS['log-detail'] });
  const env = {
    TOKEN: SECRETS['entry-env'],
    MCP_SSO_LOG_FILE: log,
    HTTPS_PROXY: `http://x:${SECRETS['entry-url-password']}@proxy.example`,
  };
  const headers = { Authorization: `Bearer ${SECRETS['entry-header']}` };
  write('.cursor/mcp.json', {
    mcpServers: {
      'mcp-sso': { command: '/nowhere/mcp-sso', args: ['bridge', '--token', SECRETS['entry-argument']], env, headers },
      other: { command: 'npx', args: [SECRETS['other-entry']], env: { KEY: SECRETS['other-entry'] } },
    },
  });
  write('.gemini/settings.json', `{ "mcpServers": { "a": { "env": { "KEY": "${SECRETS['other-entry']}" } }\n`);
  [report, refusedReport] = [join(home, 'report.json'), join(home, 'refused.json')];
  const { 'proxy-user': user, 'proxy-password': password, 'proxy-path': path, 'proxy-query': query } = SECRETS;
  const args = ['--url', origin, '--credential-store', 'file'];
  const variables = {
    HTTPS_PROXY: `http://${user}:${password}@proxy.example:8080/${path}?key=${query}`,
    HTTP_PROXY: `http://${user}:${password}@proxy.example:8080/${path}?key=${query}`,
    GITHUB_TOKEN: SECRETS['api-token'],
    MCP_SSO_LOG_FILE: log,
  };
  run = await runDoctor({ home, args: [...args, '--bundle', report], env: variables });
  // The settings are refused for it, so it would hide all the rest.
  const crooked = { ...variables, MCP_SSO_URL: `https://mcp.acme.example/${SECRETS['url-env']}` };
  refused = await runDoctor({ home, args: [...args, '--bundle', refusedReport], env: crooked });
});
afterAll(() => {
  liar.close();
  liar.closeAllConnections();
  rmSync(home, { recursive: true, force: true });
});

/** Each way in which a text may be written into a file. */
function forms(text: string): string[] {
  const bytes = Buffer.from(text);
  return [
    text,
    text.toUpperCase(),
    encodeURIComponent(text),
    bytes.toString('base64').slice(0, -4),
    bytes.toString('hex'),
  ];
}

describe('pitfall 18, secrets in a report: what doctor writes to be mailed', () => {
  it('holds none of the secrets that lie where doctor looks, in no form', () => {
    const content = readFileSync(report, 'latin1') + readFileSync(refusedReport, 'latin1');
    const leaked = Object.values(SECRETS).filter((text) => forms(text).some((form) => content.includes(form)));
    expect(leaked).toEqual([]);
  });

  it('nor does what it prints', () => {
    const printed = JSON.stringify([run.findings, refused.findings]) + run.stderr + refused.stderr;
    const leaked = Object.entries(SECRETS).filter(([, text]) => printed.includes(text));
    expect(leaked.map(([name]) => name)).toEqual([]);
  });

  it('names neither person nor computer', () => {
    const content = readFileSync(report, 'utf8');
    expect(content).not.toContain(home);
    expect(content.split(/[^\w.-]+/)).not.toContain(hostname());
    expect(content.split(/[^\w.-]+/)).not.toContain(userInfo().username);
  });

  it('still says what is wrong, and with what it was found', () => {
    const content = JSON.parse(readFileSync(report, 'utf8')) as Record<string, unknown>;
    expect(content).toMatchObject({
      about: expect.stringContaining('made to be mailed') as string,
      program: { version: '0.1.0' },
      environment: { HTTPS_PROXY: 'http://proxy.example:8080', MCP_SSO_LOG_FILE: '~/bridge.log' },
      apps: [
        {
          app: 'cursor',
          file: '~/.cursor/mcp.json',
          command: '/nowhere/mcp-sso',
          arguments: ['bridge', '(removed)', '(removed)'],
          environment: {
            names: ['TOKEN', 'MCP_SSO_LOG_FILE', 'HTTPS_PROXY'],
            values: { HTTPS_PROXY: 'http://proxy.example' },
          },
        },
        { app: 'gemini-cli', kind: 'unreadable' },
      ],
      logs: [{ file: '~/bridge.log', lines: [{ level: 'info', event: 'ending' }] }],
    });
    expect(run.of('app-config')).toEqual(['program_missing', 'config_unreadable']);
    expect(run.of('control-plane')).toEqual(['other_address']);
    expect(refused.of('settings')).toEqual(['settings_unreadable']);
  });

  it('is for its owner only', () => {
    expect(statSync(report).mode & 0o777).toBe(0o600);
  });
});
