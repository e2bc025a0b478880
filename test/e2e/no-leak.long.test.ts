import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OtlpCollector } from '../../control-plane/observability/testing/otlp-collector.js';
import { sandboxWorks } from '../../demo/stack/sandbox.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { ByteSearch } from '../support/leaks/byte-search.js';
import {
  leakingChannels,
  leakingServers,
  plantTokens,
  serverOfFiles,
  tracedBy,
  written,
} from '../support/leaks/leaking-company.js';
import { LeakingIssuer } from '../support/leaks/leaking-issuer.js';
import { LeakingMailServer } from '../support/leaks/leaking-mail-server.js';
import { LeakingUpstream } from '../support/leaks/leaking-upstream.js';
import { OverheardIdp } from '../support/leaks/overheard-idp.js';
import { bytesOfDatabase, bytesOfTraffic, commandLines, filesBelow } from '../support/leaks/places.js';
import { Planted } from '../support/leaks/planted.js';
import { RecordedLaptop } from '../support/leaks/recorded-laptop.js';
import { TappedWay } from '../support/leaks/tapped-way.js';
import { connectAccount, useBridge, useServers } from '../support/leaks/use-everything.js';
import { writtenForms } from '../support/leaks/written-forms.js';
import { signIn } from '../support/person.js';
import { PostgresServer } from '../support/postgres-server.js';
import { processesWith } from '../support/processes.js';
import { RecordingProxy } from '../support/recording-proxy.js';
import { useStack } from '../support/stack.js';

/** What need not be at an MCP server, authorization server or mail server: it signs, stays with the identity provider or in a process, or was renewed. */
const STAYS =
  /private key|AWS secret|webhook key|identity provider|master key|CRM key|^(access|refresh|id)_token|renewed refresh|^assertion \d|^hosted variable|^file|^variable token/;

function searchesEverything(postgres?: () => PostgresServer): void {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-leaks-'));
  const program = join(folder, 'leaking-hosted.mjs');
  const temporary = join(folder, 'temporary');
  const exported = join(folder, 'audit');
  const planted = new Planted(join(folder, 'secrets'));
  let upstream: LeakingUpstream;
  let issuer: LeakingIssuer;
  let mail: LeakingMailServer;
  let idp: OverheardIdp;
  let proxy: RecordingProxy;
  let collector: OtlpCollector;
  let servers: Readonly<Record<string, object>>;
  let database = '';

  const stack = useStack(async () => {
    [proxy, idp, mail] = await Promise.all([RecordingProxy.listen(), OverheardIdp.listen(), LeakingMailServer.start()]);
    collector = await OtlpCollector.listen();
    upstream = await LeakingUpstream.start();
    issuer = await LeakingIssuer.start(plantTokens(planted));
    mkdirSync(temporary);
    const entryPoints = [join(import.meta.dirname, '../support/leaks/leaking-hosted.ts')];
    await build({ entryPoints, outfile: program, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
    const hosted = [process.execPath, program];
    const sandbox = await sandboxWorks(process.env['PATH'] ?? '');
    servers = {
      ...leakingServers(planted, upstream, issuer, hosted),
      ...(sandbox ? { documents: serverOfFiles(planted, hosted, [program]) } : {}),
    };
    database = (await postgres?.().createDatabase()) ?? '';
    const notifications = leakingChannels(planted, issuer, mail);
    const more = written(servers, { notifications, telemetry: tracedBy(planted, collector.url) });
    return { publicPort: proxy.port, issuerProxy: idp, more, ...(database === '' ? {} : { database }) };
  });

  /** What AI apps were told of each server, in words. */
  let told: ReadonlyMap<string, string[]>;
  /** What commands, metrics and health say. */
  const shown: string[] = [];
  let callback: URL;
  let search: ByteSearch;
  let bridge: RecordedLaptop;
  /** Of the hosted processes. */
  let environments: string[];
  let running: Map<string, Buffer>;

  beforeAll(async () => {
    await stack().startControlPlane(['/usr/bin/env', `TMPDIR=${temporary}`]);
    const { publicUrl, listen, adminListen } = stack().addresses;
    proxy.forwardTo(listen);
    callback = await connectAccount(stack(), 'alice', 'account');
    told = await useServers(stack(), await signIn(stack(), 'alice'), Object.keys(servers));
    const [alice, dave] = ['alice', 'dave'].map((person) => new Laptop(person, stack().folder));
    await alice!.login(publicUrl);
    await dave!.login(publicUrl);
    bridge = new RecordedLaptop('alice', stack().folder);
    shown.push(
      ...(await useBridge(bridge, /^(?!crm|files|everything).*__(result|error|stream|s401|s500)$|debug_dump/)),
    );
    environments = processesWith(program).map((pid) => readFileSync(`/proc/${pid}/environ`, 'latin1'));
    running = commandLines();
    for (const words of ['servers', 'tools modern-query', 'connections list', 'status']) {
      shown.push(await said(alice!, words));
    }
    for (const words of ['audit search --json', 'admin sessions', `audit export --to ${exported} --payloads`]) {
      shown.push(await said(dave!, words));
    }
    for (const path of ['metrics', 'healthz', 'readyz', 'health']) {
      shown.push(await (await fetch(`http://${adminListen}/${path}`)).text());
    }
    const before = collector.received.length;
    await vi.waitFor(() => expect(collector.received.length).toBeGreaterThan(before + 1), { timeout: 60_000 });
    planted.given('CRM key', stack().apiKey);
    planted.given('client secret at the identity provider', stack().idpSecret);
    for (const [token, kind] of idp.tokens) planted.given(kind, token);
    for (const assertion of upstream.assertions()) planted.given('signed assertion', assertion);
    const masterKey = readFileSync(join(stack().config, 'master.key'), 'utf8').trim();
    planted.secrets.set('master key', Buffer.from(masterKey, 'base64'));
    search = new ByteSearch(planted.secrets);
  }, 20 * 60_000);

  afterAll(async () => {
    await Promise.all([proxy.close(), idp.close()]);
    for (const server of [upstream, issuer, mail, collector]) await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const found = (place: ReadonlyMap<string, Buffer>): string[] =>
    [...place].flatMap(([name, bytes]) => search.in(bytes).map((secret) => `${secret} in ${name}`));

  it('knows at least fifty secrets of every kind', () => {
    expect(planted.secrets.size).toBeGreaterThanOrEqual(50);
    expect(new Set(idp.tokens.values())).toEqual(new Set(['access_token', 'refresh_token', 'id_token', 'assertion']));
    expect(upstream.assertions()).not.toEqual([]);
  });

  it('finds each secret, however it is written', () => {
    const missed = [...planted.secrets].flatMap(([name, secret]) =>
      Buffer.isBuffer(secret)
        ? []
        : writtenForms(secret).filter(
            (form) => !search.in(`before ${form} after`).some((hit) => hit.startsWith(`${name} (`)),
          ),
    );
    expect(missed).toEqual([]);
    expect(search.in(readFileSync(join(stack().config, 'master.key')))).toContain('master key (base64 at 0)');
  });

  it('finds what a client sends through the proxy on purpose', async () => {
    await using tap = await TappedWay.to(stack().addresses.listen);
    const secret = String(planted.secrets.get('modern bearer'));
    for (const form of writtenForms(secret)) {
      const before = tap.recorded().length;
      await tap.send(form);
      expect(found(bytesOfTraffic(tap.recorded().subarray(before))).join()).toContain('modern bearer (');
    }
  });

  it('reached whom they are for: else there would be nothing to find', () => {
    const tokens = collector.received.map(({ headers }) => headers.authorization);
    const received = [...upstream.received, ...issuer.received, ...mail.received, ...tokens].join('\n');
    const missing = [...planted.secrets].filter(
      ([name, secret]) => !STAYS.test(name) && !received.includes(String(secret)),
    );
    expect(missing.map(([name]) => name)).toEqual([]);
    const reached = [...planted.secrets].filter(([, secret]) => received.includes(String(secret)));
    expect(reached.map(([name]) => name.replace(/\d+$/, ''))).toContain('assertion ');
    const held = environments.flatMap((environment) => search.in(environment)).filter((name) => name.endsWith('(raw)'));
    expect(new Set(held.map((name) => name.replace(/( \d)? \(raw\)$/, '')))).toEqual(
      new Set(['hosted variable', 'variable token']),
    );
  });

  it('came back masked from every server', () => {
    const silent = [...told].filter(([, answers]) => !answers.some((answer) => answer.includes('[redacted]')));
    expect(silent.map(([server]) => server)).toEqual([]);
    expect(bridge.recorded('stdout').includes('[redacted]')).toBe(true);
  });

  it('are nowhere in the HTTP traffic of clients, but for the code that the browser brings back', () => {
    const brought = callback.pathname + callback.search;
    const pieces = proxy.recorded().toString('latin1').split(brought);
    expect(pieces).toHaveLength(2);
    expect(found(bytesOfTraffic(Buffer.from(pieces.join(callback.pathname), 'latin1')))).toEqual([]);
  });

  it('are nowhere in the stdio traffic of AI apps', () => {
    for (const name of ['stdin', 'stdout', 'stderr'] as const) expect(search.in(bridge.recorded(name))).toEqual([]);
  });

  it('are nowhere in what AI apps, commands, metrics and health say', () => {
    const words = [...told.values()].flat().join('\n');
    expect(search.in([words, ...shown].join('\n'))).toEqual([]);
    for (const code of ['upstream_refused', 'upstream_invalid', 'credential_unavailable'])
      expect(words).toContain(code);
    expect(words).not.toContain('rate_limited');
    expect(shown.join()).not.toMatch(/\([1-9]\d*\): /);
  });

  it('are nowhere in the audit log, exported with what it keeps of calls and their results', () => {
    const files = filesBelow(exported);
    expect(Buffer.concat([...files.values()]).toString()).toContain('[redacted]');
    expect(found(files)).toEqual([]);
  });

  it('are nowhere in the logs at debug level', () => {
    const files = (['control-plane', 'everything'] as const).map((name) => stack().logFile(name));
    for (const file of files) expect(search.in(readFileSync(file))).toEqual([]);
    expect(readFileSync(stack().logFile('control-plane'), 'utf8')).toContain('"level":20');
  });

  it('are nowhere in what a collector of traces and metrics receives', () => {
    const sent = new Map(['/v1/traces', '/v1/metrics'].map((path) => [path, collector.bytes(path)]));
    for (const bytes of sent.values()) expect(bytes.includes('tools/call')).toBe(true);
    expect(sent.get('/v1/traces')!.includes('audit outcome')).toBe(true);
    expect(found(sent)).toEqual([]);
  });

  it('are nowhere in the database', () => {
    const place = bytesOfDatabase(stack(), postgres?.(), database);
    expect(place.size).toBeGreaterThan(1);
    expect(found(place)).toEqual([]);
  });

  it('are nowhere in temporary files and what people have at home', () => {
    expect([...found(filesBelow(temporary)), ...found(filesBelow(join(stack().folder, 'home')))]).toEqual([]);
  });

  it('are nowhere in command lines', () => {
    expect([...running.values()].filter((line) => line.includes(program)).length).toBeGreaterThan(1);
    expect(found(running)).toEqual([]);
  });
}

async function said(laptop: Laptop, words: string): Promise<string> {
  const { code, stdout, stderr } = await laptop.run(...words.split(' '));
  return `${words} (${code}): ${stdout}${stderr}`;
}

describe('fifty secrets, on SQLite', () => {
  searchesEverything();
});

describe.runIf(PostgresServer.installed() !== undefined)('fifty secrets, on PostgreSQL', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await PostgresServer.start({ durable: false });
  });
  afterAll(() => postgres[Symbol.asyncDispose]());
  searchesEverything(() => postgres);
});
