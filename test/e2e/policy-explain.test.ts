import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { BridgeSession, type Answer } from '../../demo/walk/bridge.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { useStack } from '../support/stack.js';

const SENTENCE = 'No policy permits the tool “add_customer” on the server “crm”.';
const WRITERS = `@id("sales-writes-crm") @reason("Sales edits customers.")
permit (principal in Mcp::Group::"demo/sales", action in Mcp::Action::"write", resource in Mcp::Server::"crm");
`;
const READERS = `@id("sales-reads-crm") @reason("Sales reads customers.")
permit (principal in Mcp::Group::"demo/sales", action in Mcp::Action::"read", resource in Mcp::Server::"crm");
`;

const stack = useStack();
const laptops = new Map<string, Laptop>();
let bridge: BridgeSession;
let denied: Answer;
let deniedAt: string;
/** Number of the one that denied it. */
let revision: string;

const add = () => bridge.call('crm__add_customer', { name: 'Initech', city: 'Austin' });
const on = (name: string): Laptop => laptops.get(name)!;

const explainDenial = (name: string) => on(name).run('policy', 'explain', denied.reference!);
const explain = async (...words: string[]) => (await on('dave').run('policy', 'explain', ...words)).stdout;
const shadow = (...words: string[]) => on('dave').run('policy', 'shadow', ...words);
const revisionIn = (stdout: string): string => /^Revision: (\d+)$/m.exec(stdout)?.[1] ?? '';

/** A directory of policies on dave's computer. */
function policies(text: string): string {
  const folder = join(on('dave').elsewhere, 'mcp-sso');
  mkdirSync(join(folder, 'policies'), { recursive: true });
  writeFileSync(join(folder, 'policies', 'crm.cedar'), text);
  return folder;
}

beforeAll(async () => {
  const file = join(stack().config, 'mcp-sso.yaml');
  const settings = readFileSync(file, 'utf8')
    .replace(/^catalog:.*\n/m, '')
    .replace('helpdesk: [demo/it-admins]', 'helpdesk: [demo/helpdesk]\n  owner: [demo/it-admins]');
  writeFileSync(file, settings);
  await stack().startControlPlane();
  // The roles are part of what was stored by then.
  writeFileSync(file, `${settings}\ncatalog: { source: api }\n`);
  await stack().startControlPlane();
  await stack().changePerson('carol', { groups: ['helpdesk'] });
  for (const name of ['alice', 'bob', 'carol', 'dave']) {
    laptops.set(name, new Laptop(name, stack().folder));
    await on(name).login(stack().addresses.publicUrl);
  }
  bridge = await BridgeSession.connect(on('bob'));
  await bridge.call('crm__list_customers');
  denied = await add();
  deniedAt = new Date().toISOString();
  return () => bridge.close();
}, 120_000);

it('a denied call is explained by its reference: to authors in full, to the person and the helpdesk in one sentence', async () => {
  expect(denied).toMatchObject({ isError: true, text: expect.stringContaining(SENTENCE) as string });
  const sentence = `bob@demo.example → crm/add_customer: denied. ${SENTENCE}\n`;
  expect(await explainDenial('bob')).toMatchObject({ code: 0, stdout: sentence });
  expect(await explainDenial('carol')).toMatchObject({ code: 0, stdout: sentence });
  const { stdout } = await explainDenial('dave');
  expect(stdout).toContain(sentence);
  expect(stdout).toContain('Groups: demo/sales\nTool: write, reviewed\nRevision: ');
  revision = revisionIn(stdout);
  expect(stdout).toContain(
    'would be permitted by engineering-works-in-crm if principal were in demo/engineering\npolicies/company.cedar:3\n',
  );
  expect(stdout).not.toContain('Initech');
  const others = await explainDenial('alice');
  expect([others.code, others.stdout]).toEqual([1, '']);
  expect(others.stderr).toContain('There is no call with this reference.');
});

it('what was decided is explained by the policies of then, whatever came after', async () => {
  const published = await on('dave').run('policy', 'publish', policies(WRITERS + READERS), '--message', 'Sales');
  expect(published).toMatchObject({ code: 0, stdout: expect.stringContaining(' is in force') as string });
  expect((await add()).isError).toBe(false);
  expect(revisionIn(await explain(denied.reference!))).toBe(revision);
  const now = await explain('bob@demo.example', 'crm/add_customer');
  expect(now).toContain('allowed. Sales edits customers.');
  expect(revisionIn(now)).toBe(String(Number(revision) + 1));
  const then = await explain('bob@demo.example', 'crm/add_customer', '--at', deniedAt);
  expect(then).toContain(`denied. ${SENTENCE}`);
  expect(revisionIn(then)).toBe(revision);
});

it('a replay finds who would lose and who would gain, by a directory and by a revision', async () => {
  const candidate = await on('dave').run('policy', 'replay', policies(WRITERS), '--since', '1h');
  expect(candidate.code).toBe(0);
  expect(candidate.stdout).toMatch(/^Lost:\n.*\n +bob@demo\.example +crm\/list_customers +allow +deny +1 +-$/m);
  expect(candidate.stdout).toMatch(
    /^Gained:\n.*\n +bob@demo\.example +crm\/add_customer +deny +allow +1 +sales-writes/m,
  );
  expect(candidate.stdout).toContain('3 of 3 calls looked at, 1 would come out the same.');
  const first = await on('dave').run('policy', 'replay', '--revision', revision, '--since', '1h');
  expect(first.stdout).toMatch(/^Lost:\n.*\n +bob@demo\.example +crm\/add_customer +allow +deny +1 /m);
  expect(first.stdout).toContain('Nobody gains anything.');
  expect(await on('bob').run('policy', 'replay', '--revision', revision)).toMatchObject({ code: 6, stdout: '' });
});

it('a candidate is compared with a real call and changes none', async () => {
  expect(await shadow('start', policies(WRITERS), '--message', 'Less')).toMatchObject({ code: 0 });
  expect((await bridge.call('crm__list_customers')).isError).toBe(false);
  const { stdout } = await shadow('status');
  expect(stdout).toMatch(/^1 calls? compared/m);
  expect(stdout).toMatch(/^bob@demo\.example +crm\/list_customers +allow +deny +1 /m);
  expect(await shadow('stop')).toMatchObject({ code: 0, stdout: expect.stringContaining(', ended ') as string });
});
