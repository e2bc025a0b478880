import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CredentialStore } from '../../cli/credential-store/credential-store.js';
import { FileBacking } from '../../cli/credential-store/file-backing.js';
import { KeyFile } from '../../cli/credential-store/key-file.js';
import { BridgeSession } from '../../demo/walk/bridge.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { credentials, send } from '../support/http.js';
import { sendMcp } from '../support/mcp.js';
import { processesWith } from '../support/processes.js';
import { beginSignIn, browserUpToCallback, redeem, type SignedIn } from '../support/person.js';
import { signInAs } from '../../demo/walk/sign-in.js';
import { useStack } from '../support/stack.js';

/** What would steer a terminal, forge a line of a log, or change how one reads. */
const HOSTILE = '\u001B[2J\u001B]0;owned\u0007\u009B31m\n{"level":50,"event":"forged"}\r\u2028\u202Eevil\u200B';
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const stack = useStack();
/** Everything that a secret was ever part of, by what it is. */
const secrets = new Map<string, string>();
const printed: string[] = [];
const outside: { bridge: string[]; controlPlane: string[] } = { bridge: [], controlPlane: [] };
let bridge: BridgeSession;

beforeAll(async () => {
  const { publicUrl } = stack().addresses;
  await stack().changePerson('alice', { name: `Alice ${HOSTILE}`, email: `alice${HOSTILE}@demo.example` });
  const alice = await walkByHand('alice');
  const laptop = new Laptop('alice', stack().folder);
  await laptop.login(publicUrl);
  bridge = await BridgeSession.connect(laptop, { app: { name: `claude ${HOSTILE}`, version: HOSTILE } });
  await bridge.call('crm__get_customer', { id: `c-1${HOSTILE}` });
  await bridge.call(`crm__${HOSTILE}`);
  await bridge.call('everything__get-env');
  await goWrong(alice);
  const dave = new Laptop('dave', stack().folder);
  await dave.login(publicUrl);
  for (const words of [['audit', 'search'], ['admin', 'sessions'], ['admin', 'users'], ['status'], ['tools']]) {
    const { code, stdout, stderr } = await dave.run(...words);
    if (code !== 0) throw new Error(`mcp-sso ${words.join(' ')} ended with ${code}: ${stderr}`);
    printed.push(stdout, stderr);
  }
  const own = await laptop.run('status');
  printed.push(own.stdout, own.stderr);
  for (const person of [laptop, dave]) await keepSecretsOf(person);
  outside.bridge = processesSeen(laptop.executable).filter((text) => text.includes(laptop.home));
  outside.controlPlane = processesSeen(stack().config);
});
afterAll(() => bridge.close());

/** A sign-in whose every secret is known. */
async function walkByHand(person: string): Promise<SignedIn> {
  const started = await beginSignIn(stack());
  const page = await signInAs(browserUpToCallback(), started.url, person);
  const by = await redeem(started, page.url, person);
  secrets.set('code', page.url.searchParams.get('code') ?? '').set('verifier', started.verifier);
  secrets.set('refresh token', by.refreshToken).set('ID token', by.idToken);
  secrets.set('signature of an access token', by.accessToken.split('.').at(-1) ?? '');
  secrets.set('secret at the identity provider', stack().idpSecret).set('API key', stack().apiKey);
  return by;
}

/** What goes wrong is what logs tell most about. */
async function goWrong(by: SignedIn): Promise<void> {
  const url = `${stack().addresses.publicUrl}/mcp`;
  const own = await credentials(by, 'POST', url);
  await sendMcp(url, { authorization: `Bearer ${by.accessToken}` });
  await sendMcp(url, { ...own, dpop: `${own['dpop']}x` });
  await sendMcp(url, { ...own, 'user-agent': 'x\u009B2J', 'x-request-id': 'y\u009Bz' });
  await send(`${stack().addresses.publicUrl}/auth/callback?code=${secrets.get('code')}&state=x`);
  await send(`${stack().addresses.publicUrl}/nowhere?access_token=${by.accessToken}`);
  await send(`${stack().addresses.publicUrl}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `grant_type=refresh_token&client_id=mcp-bridge&refresh_token=${by.refreshToken}`,
  });
  await send(`${stack().addresses.publicUrl}/oauth/authorize?client_id=${encodeURIComponent(HOSTILE)}`);
}

async function keepSecretsOf(laptop: Laptop): Promise<void> {
  const state = join(laptop.home, '.local', 'state', 'mcp-sso');
  const store = new CredentialStore(new FileBacking(state, new KeyFile(join(state, 'key'))));
  for (const slot of await store.slots()) {
    const saved = await store.read(slot);
    if (!saved) continue;
    secrets.set(`refresh token of ${laptop.person}, ${slot.client}`, saved.refreshToken);
    secrets.set(`key of ${laptop.person}, ${slot.client}`, saved.dpopKey.d);
  }
}

/** Arguments and environment of the processes whose command line holds a text, and of what they started. */
function processesSeen(text: string): string[] {
  return processesWith(text).map((pid) =>
    ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1')).join('\0'),
  );
}

function logLines(): string[] {
  return readFileSync(stack().logFile('control-plane'), 'utf8').trimEnd().split('\n');
}

/** Which secrets are in a text. */
function found(text: string): string[] {
  const kinds = [...secrets].filter(([, secret]) => secret.length > 0 && text.includes(secret)).map(([kind]) => kind);
  return [
    ...kinds,
    ...(/eyJ[\w-]{8,}\.[\w-]{8,}/.test(text) ? ['JWT'] : []),
    ...(/[?&]code=/.test(text) ? ['code='] : []),
  ];
}

describe('pitfall 16, log injection', () => {
  it('each line of the log is one object, and holds nothing unseen', () => {
    const lines = logLines();
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.filter((line) => UNSEEN.test(line))).toEqual([]);
    const events = lines.map((line) => (JSON.parse(line) as { event: string }).event);
    expect(events).not.toContain('forged');
  });

  it('what the CLI prints has only lines of its own', () => {
    const lines = printed.flatMap((text) => text.split('\n'));
    expect(printed.join('')).toContain('claude');
    expect(printed.join('')).toContain('evil');
    expect(lines.filter((line) => UNSEEN.test(line))).toEqual([]);
    expect(lines.filter((line) => /^\s*\{"level"/.test(line))).toEqual([]);
  });

  it('nor does the bridge say anything unseen on stderr', () => {
    expect(bridge.stderr.split('\n').filter((line) => UNSEEN.test(line))).toEqual([]);
  });
});

describe('pitfall 18, secrets', () => {
  it('would be found', () => {
    expect(secrets.size).toBeGreaterThanOrEqual(10);
    expect([...secrets.values()].filter((secret) => secret.length < 20)).toEqual([]);
    expect(found(`x ${secrets.get('refresh token')} eyJhbGciOiJFUzI1.eyJpc3MiOiJo ?code=1`)).toEqual([
      'refresh token',
      'JWT',
      'code=',
    ]);
  });

  it('are in no log at debug level', () => {
    const log = readFileSync(stack().logFile('control-plane'), 'utf8');
    expect(log).toContain('"level":20');
    expect(found(log)).toEqual([]);
    expect(found(bridge.stderr)).toEqual([]);
  });

  it('are in nothing that the CLI prints', () => {
    expect(printed.flatMap(found)).toEqual([]);
  });

  it('are in no process’s arguments or environment, but for the one that the settings name', () => {
    expect([outside.bridge.length, outside.controlPlane.length]).toEqual([1, 1]);
    expect(outside.bridge.flatMap(found)).toEqual([]);
    expect(outside.controlPlane.flatMap(found)).toEqual(['secret at the identity provider']);
  });
});
