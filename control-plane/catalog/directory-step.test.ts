import { expect, test } from 'vitest';
import { nextStep, type Candidate } from './directory-step.js';

const directory = (sha256: string, against: string | null): Candidate => ({ text: '{}', sha256, against, since: 0 });

test.each([
  ['a change of what was applied last, by the leader', 'v2', 'v1', 'v1', true, 'apply'],
  ['the same by a replica that does not lead', 'v2', 'v1', 'v1', false, 'differ'],
  ['what is in force already', 'v1', null, 'v1', true, 'nothing'],
  ['another directory than the one that was applied since', 'v1', 'v1', 'v2', true, 'differ'],
  ['files again, after the API made a revision', 'v1', null, null, true, 'apply'],
] as const)('%s', (_what, sha256, against, applied, leads, does) => {
  expect(nextStep(directory(sha256, against), { applied, leads }).does).toBe(does);
});

test('two replicas with different files, leading in turn, apply each directory once and then stop', () => {
  let applied: string | null = null;
  const applications: string[] = [];
  const replicas = [directory('a', null), directory('b', null)];
  for (let turn = 0; turn < 20; turn += 1) {
    for (const [index, replica] of replicas.entries()) {
      const step = nextStep(replica, { applied, leads: index === turn % 2 });
      replicas[index] = step.does === 'apply' ? { ...step.candidate, against: step.candidate.sha256 } : step.candidate;
      if (step.does !== 'apply') continue;
      applied = step.candidate.sha256;
      applications.push(applied);
    }
  }
  expect(applications).toEqual(['a']);
});
