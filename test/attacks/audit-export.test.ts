// Audit records that leave: whoever wants more of them than the settings give, or has them sent elsewhere.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExportedRecord } from '../../control-plane/audit/export/exported-record.js';
import type { Sink } from '../../control-plane/audit/export/sink.js';
import { sinksOf } from '../../control-plane/audit/export/sinks.js';
import { judgeSettings } from '../../control-plane/config/judge-settings.js';
import { settingsSchema } from '../../control-plane/config/settings.js';

const TOKEN = 'token-of-the-collector';
const IBAN = 'DE89370400440532013000';
const IDENTITY = {
  providers: { okta: { issuer: 'https://acme.okta.example', clientId: 'c', clientSecret: 'env:S' } },
};
const RECORD: ExportedRecord = {
  idx: 0,
  header: {
    v: 1,
    id: '0197a2b0-0000-7000-8000-000000000001',
    ts: 1_800_000_000_000,
    type: 'tool.call',
    phase: 'intent',
    facts: { person: 'usr_alice', server: 'bank', target: 'pay', decision: 'allow' },
    payload: 'c'.repeat(64),
  },
  personal: {
    email: 'alice@acme.example',
    arguments: `{"iban":"${IBAN}"}`,
    result: `{"iban":"${IBAN}"}`,
    policyInput: `{"v":1,"target":{"kind":"tool","effect":"write"},"args":{"iban":"${IBAN}"}}`,
  },
  payload: 'shown',
};

/** Where a request ended up that was sent somewhere, and all that it held. */
interface Listener {
  readonly url: string;
  readonly heard: string[];
  readonly server: Server;
}

let directory: string;
let receiver: Listener;
let elsewhere: Listener;

async function listen(answer: () => { code: number; location?: string }): Promise<Listener> {
  const heard: string[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    heard.push(`${request.rawHeaders.join('\n')}\n${await text(request)}`);
    const { code, ...headers } = answer();
    response.writeHead(code, headers).end();
  };
  const server = createServer((request, response) => void take(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard, server };
}

let status: number;

beforeEach(async () => {
  status = 200;
  directory = await mkdtemp(join(tmpdir(), 'mcp-sso-export-'));
  elsewhere = await listen(() => ({ code: 200 }));
  receiver = await listen(() => (status === 200 ? { code: status } : { code: status, location: elsewhere.url }));
});
afterEach(async () => {
  for (const { server } of [receiver, elsewhere]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await rm(directory, { recursive: true });
});

function sinks(more: object = {}): Sink[] {
  const formats = ['ndjson', 'ocsf'].flatMap((format) => [
    [`file-${format}`, { kind: 'file', path: join(directory, format), format, ...more }] as const,
    [`splunk-${format}`, { kind: 'splunk-hec', url: receiver.url, token: 'env:TOKEN', format, ...more }] as const,
  ]);
  const audit = { export: Object.fromEntries(formats) };
  const settings = settingsSchema.parse({ publicUrl: receiver.url, identity: IDENTITY, servers: {}, audit });
  return sinksOf({ settings, directory, environment: { TOKEN } });
}

async function sendAll(all: readonly Sink[]): Promise<PromiseSettledResult<void>[]> {
  return Promise.allSettled(all.map((sink) => sink.send([RECORD], AbortSignal.timeout(60_000))));
}

/** Keys of the audit settings that are at fault. */
async function faultsOf(url: string): Promise<string[]> {
  const audit = { export: { siem: { kind: 'splunk-hec', url, token: 'env:TOKEN' } } };
  const value = { publicUrl: 'https://mcp.acme.example', identity: IDENTITY, servers: {}, audit };
  const { findings } = await judgeSettings({ value, directory, environment: { TOKEN, S: 'secret' } });
  return findings.map(({ path }) => path.join('.')).filter((path) => path.startsWith('audit'));
}

function files(): string {
  return ['ndjson', 'ocsf'].map((name) => readFileSync(join(directory, name), 'utf8')).join('');
}

describe('pitfall 29, audit export: what leaves', () => {
  it('holds arguments and results only where the sink says so', async () => {
    await sendAll(sinks());
    expect(receiver.heard.map((heard) => heard.includes('alice@acme.example'))).toEqual([true, true]);
    expect(`${receiver.heard.join('')}${files()}`).not.toContain(IBAN);
    await sendAll(sinks({ captured: true }));
    expect([receiver.heard.filter((heard) => heard.includes(IBAN)).length, files().includes(IBAN)]).toEqual([2, true]);
  });
});

describe('pitfall 29, audit export: a receiver', () => {
  it.each([301, 302, 303, 307, 308])('that answers %i sends neither record nor token on', async (redirect) => {
    status = redirect;
    const [file, splunk] = await sendAll(sinks());
    expect([file?.status, splunk?.status]).toEqual(['fulfilled', 'rejected']);
    expect([receiver.heard.length, elsewhere.heard]).toEqual([2, []]);
  });

  it('outside of this machine is reached by TLS, or the settings are at fault', async () => {
    expect(await faultsOf('http://splunk.acme.example:8088')).toEqual(['audit.export.siem.url']);
    expect(await faultsOf('https://splunk.acme.example:8088')).toEqual([]);
    expect(await faultsOf(receiver.url)).toEqual([]);
  });
});
