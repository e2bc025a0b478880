import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PATHS } from '#shared/api/paths.js';
import { BridgeSession } from '../../demo/walk/bridge.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { ask } from '../support/admin.js';
import { signInAsAuditor } from '../support/person.js';
import { useStack } from '../support/stack.js';

/** Two readings of the directory, two seconds apart, and some patience with a busy machine. */
const APPLIED = { timeout: 30_000, interval: 200 };
const FORBID = `@id("crm-is-closed") @reason("The CRM is being moved.")
forbid (principal, action, resource in Mcp::Server::"crm");
`;
const STAYS_OPEN = `- name: engineering keeps the CRM
  as: { groups: [demo/engineering] }
  server: crm
  tool: list_customers
  expect: allow
`;

const stack = useStack();
let dave: Laptop;
let bridge: BridgeSession;

const path = (file: string): string => join(stack().config, file);
const log = (): string => readFileSync(stack().logFile('control-plane'), 'utf8');
const callCrm = () => bridge.call('crm__list_customers');

beforeAll(async () => {
  const settings = readFileSync(path('mcp-sso.yaml'), 'utf8');
  writeFileSync(path('mcp-sso.yaml'), settings.replace(/^roles:\n/m, 'roles:\n  owner: [demo/it-admins]\n'));
  await stack().startControlPlane();
  const alice = new Laptop('alice', stack().folder);
  await alice.login(stack().addresses.publicUrl);
  bridge = await BridgeSession.connect(alice);
  dave = new Laptop('dave', stack().folder);
  await dave.login(stack().addresses.publicUrl);
  return () => bridge.close();
}, 120_000);

describe('a directory whose test fails', () => {
  it('is refused with the case, the old policies decide on, and mending it applies', async () => {
    expect((await callCrm()).isError).toBe(false);
    writeFileSync(path('policies/open.test.yaml'), STAYS_OPEN);
    writeFileSync(path('policies/closed.cedar'), FORBID);
    await expect.poll(log, APPLIED).toContain('engineering keeps the CRM: expected allow, got deny by crm-is-closed');
    expect((await callCrm()).isError).toBe(false);
    writeFileSync(path('policies/open.test.yaml'), STAYS_OPEN.replace('allow', 'deny'));
    await expect.poll(async () => (await callCrm()).text, APPLIED).toContain('crm-is-closed');
    for (const file of ['policies/closed.cedar', 'policies/open.test.yaml']) rmSync(path(file));
    await expect.poll(async () => (await callCrm()).isError, APPLIED).toBe(false);
  });

  it('stays what says so: publish and rollback send nobody past it', async () => {
    const { code, stderr } = await dave.run('policy', 'rollback', '1', '--message', 'back');
    expect([code, stderr]).toEqual([1, expect.stringContaining('Restore the files of revision 1 there') as string]);
  });
});

describe('with catalog.source api', () => {
  let folder: string;
  beforeAll(async () => {
    const settings = readFileSync(path('mcp-sso.yaml'), 'utf8').replace(/^catalog:.*\n/m, '');
    writeFileSync(path('mcp-sso.yaml'), `${settings}\ncatalog: { source: api }\n`);
    await stack().startControlPlane();
    folder = join(dave.elsewhere, 'mcp-sso');
    mkdirSync(join(folder, 'policies'), { recursive: true });
  }, 60_000);

  it('the kit is written, checked, tested and compared', async () => {
    expect(await dave.run('policy', 'init', '--out', folder)).toMatchObject({ code: 0 });
    expect(await dave.run('policy', 'check', folder)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('ok: ') as string,
    });
    expect(await dave.run('policy', 'test', folder)).toMatchObject({ code: 0 });
    expect(await dave.run('policy', 'diff', folder)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('added forbid contractors-change-nothing') as string,
    });
    rmSync(join(folder, 'policies'), { recursive: true });
  });

  it('what is published decides the next call, a rollback the one after, and records name the revision', async () => {
    mkdirSync(join(folder, 'policies'));
    // More than other requests may hold.
    writeFileSync(join(folder, 'policies', 'closed.cedar'), `// ${'x'.repeat(200_000)}\n${FORBID}`);
    writeFileSync(join(folder, 'policies', 'long.cedar'), `// ${'x'.repeat(200_000)}\n`);
    writeFileSync(join(folder, 'policies', 'open.test.yaml'), STAYS_OPEN);
    expect(await dave.run('policy', 'publish', folder, '--message', 'Close')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('engineering keeps the CRM: expected allow, got deny') as string,
    });
    expect((await callCrm()).isError).toBe(false);
    writeFileSync(join(folder, 'policies', 'open.test.yaml'), STAYS_OPEN.replace('allow', 'deny'));
    const published = await dave.run('policy', 'publish', folder, '--message', 'Close');
    expect(published).toMatchObject({ code: 0 });
    expect((await callCrm()).text).toContain('crm-is-closed');
    const [, revision, before] = /^Revision (\d+) is in force\.\n.* rollback (\d+) /.exec(published.stdout) ?? [];
    expect(await dave.run('policy', 'rollback', before!, '--message', 'Open')).toMatchObject({ code: 0 });
    expect((await callCrm()).isError).toBe(false);
    const auditor = await signInAsAuditor(stack());
    const { text } = await ask(stack(), auditor, 'GET', `${PATHS.auditLog}?from=0`);
    const { headers } = JSON.parse(text) as { headers: string[] };
    const decided = headers.filter((header) => header.includes('"tool.call"'));
    expect(decided.some((header) => header.includes(`"catalogRevision":${revision}`))).toBe(true);
    expect(decided.at(-1)).not.toContain(`"catalogRevision":${revision}`);
  });
});
