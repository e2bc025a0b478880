import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandContext } from '../context.js';
import { checkPolicies } from './check.js';
import { diffPolicies } from './diff.js';
import { applyGrid, printGrid } from './grid.js';
import { initPolicies } from './init.js';
import { publishPolicies } from './publish.js';
import { rollBack } from './rollback.js';
import { testPolicies } from './test.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policy-'));
  await mkdir(join(folder, 'policies'));
  await writeFile(join(folder, 'policies', 'a.cedar'), 'A');
  await writeFile(join(folder, 'policies', 'a.test.yaml'), 'T');
  await writeFile(join(folder, 'policies', 'README.md'), 'not one');
});
afterEach(() => rm(folder, { recursive: true }));

const FILES = [
  { file: 'policies/a.cedar', text: 'A' },
  { file: 'policies/a.test.yaml', text: 'T' },
];

class World {
  readonly asked: unknown[] = [];
  stdout = '';
  readonly context: CommandContext;

  constructor(
    private readonly answers: readonly object[],
    json = false,
  ) {
    this.context = {
      stdout: (text) => void (this.stdout += text),
      stderr: () => undefined,
      env: {},
      json,
      interactive: false,
      openBrowser: false,
      now: () => new Date('2026-11-23T08:30:00Z'),
      paths: { config: '/', state: '/', cache: '/' },
    };
  }

  readonly call = (method: string, path: string, content?: unknown): Promise<unknown> => {
    this.asked.push(content === undefined ? `${method} ${path}` : [`${method} ${path}`, content]);
    return Promise.resolve(this.answers[this.asked.length - 1]);
  };
}

const FAULT = {
  file: 'policies/a.test.yaml',
  line: 3,
  column: 5,
  key: 'sal\u001bes',
  message: 'expected allow, got deny',
  fix: 'correct it',
};

test('check sends the policies and their tests, names faults one a line, and ends with 3', async () => {
  const world = new World([{ faults: [FAULT], warnings: ['w'], policies: 1, cases: 1 }]);
  expect(await checkPolicies(world.context, folder, world.call)).toBe(3);
  expect(world.asked).toEqual([['POST /api/v1/policies/check', { policies: FILES }]]);
  expect(world.stdout).toBe(
    `warning: w\npolicies/a.test.yaml:3:5 sal\ufffdes: expected allow, got deny → correct it\n\n1 fault. Correct, then run: mcp-sso policy check ${folder}\n`,
  );
  const green = new World([{ faults: [], warnings: [], policies: 1, cases: 2 }]);
  expect(await checkPolicies(green.context, join(folder, 'policies'), green.call)).toBe(0);
  expect(green.stdout).toContain('ok: 1 policy, 2 cases passed.\n');
});

test('a directory without policies says how to write the first ones', async () => {
  await expect(checkPolicies(new World([]).context, join(folder, 'none'), new World([]).call)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('mcp-sso policy init --out') as string,
  });
});

test('test tells each case; a red one ends with 3, and without a directory those in force are run', async () => {
  const one = { file: 'policies/a.test.yaml', line: 1, expected: 'allow', policies: [], reason: 'No.' };
  const results = [
    { ...one, name: 'green', passed: true, outcome: 'allow', policies: ['p'] },
    { ...one, name: 'red', passed: false, outcome: 'deny' },
  ];
  const world = new World([{ faults: [], results }]);
  expect(await testPolicies(world.context, undefined, world.call)).toBe(3);
  expect(world.asked).toEqual([['POST /api/v1/policies/test', {}]]);
  expect(world.stdout).toBe(
    [
      'ok      policies/a.test.yaml:1  green: allow by p',
      'FAILED  policies/a.test.yaml:1  red: expected allow, got deny by no policy: No.',
      '',
      '1 of 2 failed.',
      '',
    ].join('\n'),
  );
});

const POLICY = {
  id: 'p',
  file: 'policies/a.cedar',
  line: 1,
  effect: 'permit',
  reason: 'R.',
  servers: ['crm'],
  principals: ['okta/x'],
};
const DIFF = {
  from: 2,
  to: null,
  files: [],
  servers: ['crm'],
  principals: ['okta/x'],
  everyServer: false,
  everybody: false,
};

test('diff shows what changed and whom it concerns', async () => {
  const world = new World([
    { ...DIFF, policies: [{ id: 'p', change: 'changed', policy: POLICY, diff: '-a\n+b\u001b' }] },
  ]);
  expect(await diffPolicies(world.context, folder, {}, world.call)).toBe(0);
  expect(world.stdout).toBe(
    'From revision 2 to these files:\n\nchanged permit p (policies/a.cedar)\n-a\n+b\ufffd\n\nConcerns okta/x at crm.\n',
  );
  const revisions = new World([{ ...DIFF, to: 3, policies: [] }]);
  await diffPolicies(revisions.context, undefined, { from: 2, to: 3 }, revisions.call);
  expect(revisions.asked).toEqual([['POST /api/v1/policies/diff', { from: 2, to: 3 }]]);
  expect(revisions.stdout).toBe('From revision 2 to revision 3: nothing is different.\n');
});

const catalog = (source: string) => ({
  source,
  active: { number: 4, sha256: 'aa', activatedAt: '2026-11-23T08:00:00Z' },
  history: [],
  nextBefore: null,
});
const LOCK = { file: 'mcp-sso.lock.yaml', text: 'L' };
const REVISION = {
  number: 4,
  parent: 3,
  sha256: 'aa',
  source: 'api',
  author: 'usr_1',
  message: null,
  createdAt: '2026-11-23T08:00:00Z',
  servers: { crm: { url: 'https://crm.example/mcp' } },
  roles: { owner: ['okta/it'] },
  policies: [{ file: 'policies/old.cedar', text: 'O' }, LOCK],
};

test('publish replaces policies and tests, leaves servers, roles and an absent lock as they are, and says why', async () => {
  const world = new World([catalog('api'), REVISION, { active: 5 }]);
  expect(await publishPolicies(world.context, folder, { message: 'why' }, world.call)).toBe(0);
  const { servers, roles } = REVISION;
  expect(world.asked.at(-1)).toEqual([
    'POST /api/v1/catalog/revisions',
    { parent: 4, message: 'why', servers, roles, policies: [...FILES, LOCK] },
  ]);
  expect(world.stdout).toBe('Revision 5 is in force.\nUndo it: mcp-sso policy rollback 4 --message TEXT\n');
});

test('rollback activates the revision after the one that is in force', async () => {
  const world = new World([catalog('api'), { active: 2 }]);
  expect(await rollBack(world.context, 2, { message: 'why' }, world.call)).toBe(0);
  expect(world.asked.at(-1)).toEqual(['POST /api/v1/catalog/activate', { number: 2, parent: 4, message: 'why' }]);
  expect(world.stdout).toBe('Revision 2 is in force again, in place of 4.\n');
});

test('where policies come from files, publish and rollback say what to do instead, and send nothing', async () => {
  for (const command of [
    (world: World) => publishPolicies(world.context, folder, { message: 'why' }, world.call),
    (world: World) => rollBack(world.context, 2, { message: 'why' }, world.call),
  ]) {
    const world = new World([catalog('files')]);
    await expect(command(world)).rejects.toMatchObject({
      code: 'catalog_from_files',
      message: expect.stringContaining('configuration directory of the control plane') as string,
    });
    expect(world.asked).toEqual(['GET /api/v1/catalog?limit=1']);
  }
});

test('init writes what is absent, and overwrites nothing', async () => {
  const files = [
    { file: 'policies/a.cedar', text: 'other' },
    { file: 'policies/b.cedar', text: 'B' },
  ];
  const world = new World([{ files, leftOut: [{ name: 'sales-crm', why: 'no server' }] }]);
  expect(await initPolicies(world.context, { out: folder }, world.call)).toBe(0);
  expect(await readFile(join(folder, 'policies/a.cedar'), 'utf8')).toBe('A');
  expect(await readFile(join(folder, 'policies/b.cedar'), 'utf8')).toBe('B');
  expect(world.stdout).toContain('which was there\nleft out sales-crm: no server\n');
});

test('grid prints the YAML of the grid, and writes one as Cedar', async () => {
  const shown = new World([{ grid: {}, custom: [], yaml: '# grid\n{}\n' }]);
  expect(await printGrid(shown.context, shown.call)).toBe(0);
  expect(shown.stdout).toBe('# grid\n{}\n');
  await writeFile(join(folder, 'grid.yaml'), 'okta/x: { crm: read }');
  const world = new World([{ file: 'policies/grid.cedar', text: 'G', kept: ['mine'] }]);
  expect(await applyGrid(world.context, join(folder, 'grid.yaml'), { out: folder }, world.call)).toBe(0);
  expect(world.asked).toEqual([['POST /api/v1/policies/grid', { yaml: 'okta/x: { crm: read }', policies: FILES }]]);
  expect(await readFile(join(folder, 'policies/grid.cedar'), 'utf8')).toBe('G');
  expect(world.stdout).toContain('kept mine, which a grid cannot express\n');
});
