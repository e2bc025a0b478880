import { expect, test } from 'vitest';
import { found, type Check, type Scene } from './check.js';
import { diagnose, type DoctorEvent } from './diagnose.js';
import { ok, type Finding, type Found } from './finding.js';
import { verdictOf } from './verdict.js';

const SCENE = {} as Scene;
const BROKEN: Found = { state: 'failed', detail: 'Broken.', code: 'network', fix: { command: 'mend it' } };

function check(name: Check['name'], parts: Partial<Check> = {}): Check {
  const run = () => Promise.resolve(found(ok(`${name} is fine.`)));
  return { name, title: `The ${name}`, needs: [], limit: 5_000, code: 'network', run, ...parts };
}

async function all(checks: readonly Check[], limit?: number): Promise<{ events: DoctorEvent[]; findings: Finding[] }> {
  const running = diagnose(SCENE, checks, limit);
  const events: DoctorEvent[] = [];
  for (;;) {
    const { done, value } = await running.next();
    if (done) return { events, findings: value };
    events.push(value);
  }
}

test('what needs a failed check is skipped, and so is what needs that; the rest goes on', async () => {
  const { findings } = await all([
    check('settings'),
    check('proxy', { run: () => Promise.resolve(found(BROKEN)) }),
    check('dns', { needs: ['settings', 'proxy'] }),
    check('tls', { needs: ['dns'] }),
    check('folders'),
  ]);
  expect(findings.map(({ check: name, state, detail }) => [name, state, detail])).toEqual([
    ['settings', 'ok', 'settings is fine.'],
    ['proxy', 'failed', 'Broken.'],
    ['dns', 'skipped', 'Not looked at, because of: The proxy.'],
    ['tls', 'skipped', 'Not looked at, because of: The dns.'],
    ['folders', 'ok', 'folders is fine.'],
  ]);
});

test('a warning and a voluntary skip keep nothing from going on', async () => {
  const skip = { ...ok('Nothing to do.'), state: 'skipped' as const };
  const { findings } = await all([
    check('dns', { run: () => Promise.resolve(found(skip, { ...BROKEN, state: 'warning' })) }),
    check('tls', { needs: ['dns'] }),
  ]);
  expect(findings.map(({ state }) => state)).toEqual(['skipped', 'warning', 'ok']);
});

test('later checks get what earlier ones have found out', async () => {
  const { findings } = await all([
    check('proxy', { run: () => Promise.resolve({ found: [], learnt: { route: { kind: 'direct' } } }) }),
    check('dns', {
      needs: ['proxy'],
      run: (_scene, { route }) => Promise.resolve(found(ok(route?.kind ?? 'nothing'))),
    }),
  ]);
  expect(findings.map(({ detail }) => detail)).toEqual(['direct']);
});

test('checks that need nothing of each other run side by side, and events come as they happen', async () => {
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { events } = await all([
    check('settings', { run: () => (first.resolve(), second.promise.then(() => found(ok('a')))) }),
    check('program', { run: () => (second.resolve(), first.promise.then(() => found(ok('b')))) }),
  ]);
  expect(events.map(({ type }) => type)).toEqual(['started', 'started', 'finished', 'finished']);
});

test('a check that never ends is cut off at its limit, and says what to do', async () => {
  const hanging = check('dns', { limit: 20, run: () => new Promise(() => undefined) });
  const { findings } = await all([hanging, check('tls', { needs: ['dns'] })]);
  expect(findings).toEqual([
    {
      check: 'dns',
      state: 'failed',
      code: 'network',
      fault: 'not_finished',
      detail: 'This did not come to an end within 1 seconds.',
      fix: {
        person: 'you',
        task: 'Run mcp-sso doctor again; if it stays, send a report: mcp-sso doctor --bundle report.json',
      },
    },
    expect.objectContaining({ check: 'tls', state: 'skipped' }),
  ]);
});

test('everything together ends at the limit of the whole, and tells checks to stop', async () => {
  let stopped = false;
  const { findings } = await all(
    [
      check('dns', {
        run: (_scene, _evidence, signal) => {
          signal.addEventListener('abort', () => (stopped = true));
          return new Promise(() => undefined);
        },
      }),
      check('folders'),
    ],
    30,
  );
  expect(findings.map(({ state }) => state)).toEqual(['failed', 'ok']);
  expect(stopped).toBe(true);
});

test('a check that throws is a finding of its own, and ends nothing', async () => {
  const { findings } = await all([
    check('dns', { run: () => Promise.reject(new Error('no such thing')) }),
    check('tls'),
  ]);
  expect(findings[0]).toMatchObject({
    fault: 'check_broken',
    code: 'internal',
    detail: expect.stringContaining('no such thing') as string,
  });
  expect(findings[1]?.state).toBe('ok');
});

test.each<[Partial<Finding>[], number]>([
  [[{ state: 'ok' }, { state: 'warning', code: 'network' }, { state: 'skipped' }], 0],
  [[{ state: 'ok' }, { state: 'failed', code: 'config_invalid' }, { state: 'failed', code: 'network' }], 3],
  [[{ state: 'failed', code: 'credential_store' }], 7],
  [[{ state: 'failed', code: 'sign_in_needed' }], 4],
  [[{ state: 'failed', code: 'upstream_unreachable' }], 1],
  [
    [
      { state: 'failed', code: 'network' },
      { state: 'failed', code: 'sign_in_needed' },
    ],
    5,
  ],
])('of %j the exit code is %i', (findings, exit) => {
  expect(verdictOf(findings as Finding[]).exit).toBe(exit);
});
