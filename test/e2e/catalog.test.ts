import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BridgeSession } from '../../demo/walk/bridge.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { ROOT } from '../../demo/stack/root.js';
import { searchAudit } from '../support/audit.js';
import { credentials, send } from '../support/http.js';
import { ask, signInToAdminister } from '../support/admin.js';
import { sendMcp } from '../support/mcp.js';
import { signIn, signInAsAuditor, type SignedIn } from '../support/person.js';
import { everythingAt } from '../support/policies.js';
import { allEnded, processesWith } from '../support/processes.js';
import { useStack } from '../support/stack.js';

const SERVER = join(ROOT, 'test', 'support', 'hosted-server.mjs');
const mark = `mark-${randomUUID()}`;
/** Two readings of the directory, two seconds apart, and some patience with a busy machine. */
const APPLIED = { timeout: 30_000, interval: 200 };

const hosted = (title: string): string => `  counter:
    title: ${title}
    command: ${JSON.stringify([process.execPath, SERVER, 'legacy', mark])}
    isolation: none
    network: host
`;
const FORBID = `@id("crm-is-closed") @reason("The CRM is being moved.")
forbid (principal, action, resource in Mcp::Server::"crm");
`;
const COUNTER = everythingAt('counter');

const stack = useStack();
let alice: SignedIn;
let auditor: SignedIn;
let laptop: Laptop;
let bridge: BridgeSession;
let settings: string;

const path = (file: string): string => join(stack().config, file);
const put = (file: string, text: string): void => writeFileSync(path(file), text);
const log = (): string => readFileSync(stack().logFile('control-plane'), 'utf8');
const controlPlanes = (): number[] => processesWith(stack().config).filter((pid) => pid !== process.pid);

beforeAll(async () => {
  alice = await signIn(stack(), 'alice');
  auditor = await signInAsAuditor(stack());
  laptop = new Laptop('alice', stack().folder);
  await laptop.login(stack().addresses.publicUrl);
  bridge = await BridgeSession.connect(laptop);
  settings = readFileSync(path('mcp-sso.yaml'), 'utf8');
  return () => bridge.close();
});

beforeEach(async () => {
  rmSync(path('policies/closed.cedar'), { force: true });
  rmSync(path('policies/counter.cedar'), { force: true });
  put('mcp-sso.yaml', settings);
  await vi.waitFor(async () => {
    readNow();
    const [{ isError }, { notes }, tools] = [await callCrm(), await health(), await bridge.tools()];
    if (isError || notes.length > 0 || tools.includes('counter__count')) throw new Error('not as it was yet');
  }, APPLIED);
}, 60_000);

function readNow(): void {
  const [pid = 0] = processesWith(`start\0--config\0${stack().config}`);
  process.kill(pid, 'SIGHUP');
}

const callCrm = () => bridge.call('crm__list_customers');
const titledInPieces = async () => (await searchAudit(stack(), auditor, { server: 'Written in pieces' })).length;
const crmSays = async (): Promise<string> => (await callCrm()).text;
const occurrences = (event: string): number => log().split(`"event":"${event}"`).length - 1;

async function callCounter(name: string): Promise<string> {
  const url = `${stack().addresses.publicUrl}/mcp/counter`;
  const answer = await sendMcp(url, await credentials(alice, 'POST', url), 'tools/call', { name, arguments: {} });
  return answer.text;
}

async function health(): Promise<{ ready: boolean; notes: string[] }> {
  const answer = await send(`http://${stack().addresses.adminListen}/health`);
  return JSON.parse(answer.text) as { ready: boolean; notes: string[] };
}

describe('a changed directory', () => {
  it('decides the next call by an edited policy, with the same process, session and bridge', async () => {
    const before = controlPlanes();
    expect((await callCrm()).isError).toBe(false);
    put('policies/closed.cedar', FORBID);
    await expect.poll(crmSays, APPLIED).toContain('crm-is-closed');
    rmSync(path('policies/closed.cedar'));
    await expect.poll(async () => (await callCrm()).isError, APPLIED).toBe(false);
    expect(controlPlanes()).toEqual(before);
  });

  it('that is bad is refused with file, line and key; the old one decides on, and mending it applies', async () => {
    put('policies/closed.cedar', FORBID.replace('"crm"', '"crn"'));
    put('mcp-sso.yaml', settings.replace('title: Customers', 'titel: Customers'));
    await expect.poll(log, APPLIED).toContain('catalog.refused');
    expect(log()).toMatch(/mcp-sso\.yaml:\d+:5 servers\.crm\.titel: unknown key → did you mean title\?/);
    expect(log()).toContain('policies/closed.cedar:2:40 crm-is-closed: there is no server');
    expect((await callCrm()).isError).toBe(false);
    expect(await health()).toMatchObject({
      ready: true,
      notes: [expect.stringContaining('The directory is not applied. Faults: 2, the first at mcp-sso.yaml:')],
    });
    put('mcp-sso.yaml', settings);
    put('policies/closed.cedar', FORBID);
    await expect.poll(crmSays, APPLIED).toContain('crm-is-closed');
    rmSync(path('policies/closed.cedar'));
    await expect.poll(async () => (await callCrm()).isError, APPLIED).toBe(false);
    expect((await health()).notes).toEqual([]);
  });

  it('adds a server and takes it away: its tools come and go in the bridge’s list, its process ends', async () => {
    put('policies/counter.cedar', COUNTER);
    put('mcp-sso.yaml', settings + hosted('Counter'));
    await expect.poll(() => bridge.tools(), APPLIED).toContain('counter__count');
    expect((await bridge.call('counter__count')).text).toContain('"count":1');
    const pids = processesWith(mark);
    expect(pids.length).toBeGreaterThan(0);
    rmSync(path('policies/counter.cedar'));
    put('mcp-sso.yaml', settings);
    await expect.poll(() => bridge.tools(), APPLIED).not.toContain('counter__count');
    await allEnded(pids);
    expect(await callCounter('count')).toContain('There is no such MCP server here.');
  });

  it('restarts the process of a hosted server that changed, and leaves it alone when another changed', async () => {
    put('policies/counter.cedar', COUNTER);
    put('mcp-sso.yaml', settings + hosted('Counter'));
    await expect.poll(() => callCounter('count'), APPLIED).toContain('count\\":1');
    const pids = processesWith(mark);
    const revisions = occurrences('catalog.in-force');
    put('mcp-sso.yaml', settings.replace('title: Customers', 'title: Clients') + hosted('Counter'));
    await expect.poll(() => occurrences('catalog.in-force'), APPLIED).toBe(revisions + 1);
    expect(await callCounter('count')).toContain('count\\":2');
    put('mcp-sso.yaml', settings + hosted('Counter again'));
    await allEnded(pids);
    expect(await callCounter('count')).toContain('count\\":1');
  });

  it('that is written in pieces is applied when it is whole', async () => {
    const whole = settings.replace('title: Customers', 'title: Written in pieces');
    put('mcp-sso.yaml', whole.slice(0, whole.length / 2));
    expect((await callCrm()).isError).toBe(false);
    put('mcp-sso.yaml', whole);
    await expect.poll(titledInPieces, APPLIED).toBeGreaterThan(0);
  });

  it('takes a role from its holders at once', async () => {
    const dave = await signInToAdminister(stack(), 'dave');
    expect((await ask(stack(), dave, 'GET', '/api/v1/sessions')).status).toBe(200);
    put('mcp-sso.yaml', settings.replace(/^ {2}helpdesk: .*\n/m, ''));
    await expect.poll(async () => (await ask(stack(), dave, 'GET', '/api/v1/sessions')).status, APPLIED).toBe(403);
    put('mcp-sso.yaml', settings);
    await expect.poll(async () => (await ask(stack(), dave, 'GET', '/api/v1/sessions')).status, APPLIED).toBe(200);
  });

  it('says what waits for a restart, and applies the rest', async () => {
    put('policies/closed.cedar', FORBID);
    put('mcp-sso.yaml', `${settings}\ntrustedProxies: [10.0.0.0/8]\n`);
    await expect.poll(crmSays, APPLIED).toContain('crm-is-closed');
    expect((await health()).notes).toEqual(['trustedProxies changed in mcp-sso.yaml; restart to apply it.']);
    expect(log()).toContain('trustedProxies changed in mcp-sso.yaml; restart to apply it.');
  });

  it('is read at once on SIGHUP', async () => {
    renameSync(path('policies/company.cedar'), path('company.cedar'));
    await expect
      .poll(async () => {
        readNow();
        return (await callCrm()).isError;
      }, APPLIED)
      .toBe(true);
    renameSync(path('company.cedar'), path('policies/company.cedar'));
    await expect.poll(async () => (await callCrm()).isError, APPLIED).toBe(false);
  });

  it('is in the audit: each activation before it acted, each refusal once, with hashes and no values', async () => {
    const entries = await searchAudit(stack(), auditor, { type: 'catalog.activate' });
    expect(entries.length).toBeGreaterThan(8);
    expect(new Set(entries.map(({ outcome }) => outcome))).toEqual(new Set(['ok']));
    expect(entries.at(-1)).toMatchObject({ target: 'revision 1', decision: 'allow' });
    const refusals = await searchAudit(stack(), auditor, { type: 'catalog.refuse' });
    expect(new Set(refusals.map(({ target }) => target))).toEqual(new Set(['directory']));
    expect(refusals.length).toBeLessThanOrEqual(occurrences('catalog.refused'));
  });
});

describe('a restart', () => {
  it('goes on with the revision that was active, and applies what changed meanwhile', async () => {
    await stack().stopControlPlane();
    put('policies/closed.cedar', FORBID);
    await stack().startControlPlane();
    expect((await callCrm()).text).toContain('crm-is-closed');
  });
});
