import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CodedError } from '#shared/errors.js';
import type { CommandContext } from '../context.js';
import { explainDecision } from './explain.js';
import { replayPolicies } from './replay.js';
import { showShadow } from './shadow.js';

class World {
  readonly asked: unknown[] = [];
  stdout = '';
  readonly context: CommandContext = {
    stdout: (text) => void (this.stdout += text),
    stderr: () => undefined,
    env: {},
    json: false,
    interactive: false,
    openBrowser: false,
    now: () => new Date('2026-11-23T08:30:00Z'),
    paths: { config: '/', state: '/', cache: '/' },
  };

  constructor(private readonly answers: object[]) {}

  readonly call = (method: string, path: string, content?: unknown): Promise<unknown> => {
    this.asked.push([method, path, content]);
    return Promise.resolve(this.answers.shift());
  };
}

const BOB = { id: 'usr_bob', email: 'bob@acme.example', name: 'Bob' };
const SENTENCE = 'No policy permits the tool “save” on the server “crm”.';
const EXPLAINED = {
  reference: 'ref-1',
  at: '2026-11-23T08:00:00.000Z',
  person: BOB,
  server: 'crm',
  target: 'save',
  outcome: 'deny',
  sentence: SENTENCE,
  details: null,
};

test('a person sees one sentence about their own call', async () => {
  const world = new World([EXPLAINED]);
  const asked = { who: 'ref-1', target: undefined, pairs: [] };
  expect(await explainDecision(world.context, asked, {}, world.call)).toBe(0);
  expect(world.stdout).toBe(`bob@acme.example → crm/save: denied. ${SENTENCE}\n`);
  expect(world.asked).toEqual([['POST', '/api/v1/policies/explain', { reference: 'ref-1' }]]);
});

test('an author sees what made it; values are JSON where they can be read so', async () => {
  const policy = {
    id: 'sales-save',
    effect: 'permit',
    file: 'policies/crm.cedar',
    line: 3,
    text: 'permit(\u{1b}[2J);',
  };
  const details = {
    revision: 4,
    exact: true,
    policies: [],
    texts: [],
    stepUp: null,
    approval: null,
    groups: ['okta/support'],
    effect: 'write',
    reviewed: true,
    grant: null,
    nearest: [{ sentence: 'would be permitted by sales-save if principal were in okta/sales', policy }],
    notes: [],
  };
  const world = new World([{ ...EXPLAINED, details }]);
  const asked = { who: 'bob', target: 'crm/save', pairs: ['id=7', 'name=Ann = Co'] };
  await explainDecision(world.context, asked, { kind: 'tool', at: '2026-11-23T08:00:00Z' }, world.call);
  expect(world.asked).toEqual([
    [
      'POST',
      '/api/v1/policies/explain',
      {
        person: 'bob',
        server: 'crm',
        kind: 'tool',
        name: 'save',
        args: { id: 7, name: 'Ann = Co' },
        at: '2026-11-23T08:00:00.000Z',
      },
    ],
  ]);
  expect(world.stdout).toContain(
    'would be permitted by sales-save if principal were in okta/sales\npolicies/crm.cedar:3\n',
  );
  expect(world.stdout).not.toContain('\u{1b}');
});

const REPLAY = {
  id: '018f0000-0000-7000-8000-000000000000',
  state: 'running',
  since: '2026-11-16T08:30:00.000Z',
  until: '2026-11-23T08:30:00.000Z',
  calls: 10,
  replayed: 0,
  unchanged: 0,
  unknown: { unrecorded: 0, erased: 0, unreadable: 0, arguments: 0, failed: 0 },
  losses: [],
  gains: [],
  more: 0,
  fault: null,
};

test('a replay is followed to its end, and says who loses and gains what', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mcp-sso-replay-'));
  mkdirSync(join(directory, 'policies'));
  writeFileSync(join(directory, 'policies', 'a.cedar'), 'permit(principal, action, resource);');
  const change = { person: BOB, server: 'crm', target: 'save', policies: [], calls: 3, samples: ['ref-1'] };
  const done = {
    ...REPLAY,
    state: 'done',
    replayed: 10,
    unchanged: 6,
    unknown: { ...REPLAY.unknown, arguments: 1 },
    losses: [{ ...change, before: 'allow', after: 'deny' }],
  };
  const world = new World([REPLAY, REPLAY, done]);
  await replayPolicies(world.context, directory, { since: '7d' }, world.call, () => Promise.resolve());
  expect(world.asked).toEqual([
    [
      'POST',
      '/api/v1/policies/replay',
      {
        policies: [{ file: 'policies/a.cedar', text: 'permit(principal, action, resource);' }],
        since: '2026-11-16T08:30:00.000Z',
      },
    ],
    ['GET', `/api/v1/policies/replay/${REPLAY.id}`, undefined],
    ['GET', `/api/v1/policies/replay/${REPLAY.id}`, undefined],
  ]);
  expect(world.stdout).toBe(
    [
      'Lost:',
      '  WHO               TARGET    BEFORE  AFTER  CALLS  POLICIES',
      '  bob@acme.example  crm/save  allow   deny   3      -',
      '    mcp-sso policy explain ref-1',
      '',
      'Nobody gains anything.',
      '',
      '10 of 10 calls looked at, 6 would come out the same.',
      'Not decided again: 1 without arguments that the candidate reads.',
      '',
    ].join('\n'),
  );
});

test('replicas that know nothing of a replay are asked again, and not for ever', async () => {
  const missing = new CodedError('not_found', { message: 'This control plane has no such replay.' });
  const follow = async (misses: number) => {
    const world = new World([REPLAY, { ...REPLAY, state: 'done', replayed: 10, unchanged: 10 }]);
    let asked = 0;
    const call: World['call'] = (method, ...more) => {
      if (method === 'GET' && (asked += 1) <= misses) return Promise.reject(missing);
      return world.call(method, ...more);
    };
    await replayPolicies(world.context, undefined, { revision: '3', since: '7d' }, call, () => Promise.resolve());
    return world.asked.length;
  };
  expect(await follow(40)).toBe(2);
  await expect(follow(41)).rejects.toThrow(missing);
});

test('either a directory or a revision is replayed', async () => {
  const world = new World([]);
  await expect(replayPolicies(world.context, undefined, { since: '7d' }, world.call)).rejects.toMatchObject({
    code: 'usage',
  });
  expect(world.asked).toEqual([]);
});

test('a candidate that ended by itself says why', async () => {
  const candidate = {
    id: 'cnd_1',
    sha256: 'ab',
    author: 'usr_a',
    message: null,
    startedAt: '2026-11-23T08:00:00.000Z',
    endedAt: '2026-11-23T08:10:00.000Z',
    compared: 5,
    dropped: 1,
    fault: 'The policies could not be evaluated.',
    differences: [
      { person: BOB, server: 'crm', target: 'save', live: 'deny', candidate: 'allow', calls: 2, last: 'ref-2' },
    ],
  };
  const world = new World([candidate]);
  await showShadow(world.context, 'GET', world.call);
  expect(world.stdout).toBe(
    [
      'Candidate cnd_1, since 2026-11-23T08:00:00.000Z, ended 2026-11-23T08:10:00.000Z.',
      'It ended by itself: The policies could not be evaluated.',
      '5 calls compared at this control plane since it started, 1 left out for want of time.',
      '',
      'WHO               TARGET    NOW   CANDIDATE  CALLS  THE LAST',
      'bob@acme.example  crm/save  deny  allow      2      ref-2',
      '',
    ].join('\n'),
  );
});
