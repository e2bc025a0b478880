import { expect, test } from 'vitest';
import type { GrantUse } from './decision.js';
import { resolveQuestion } from './resolve-question.js';
import { CONTEXT, questionOf } from './testing/inputs.js';

const asked = (kind: GrantUse['kind'], agents: readonly string[]): GrantUse | undefined => {
  const target = { kind: 'tool', name: 'wipe' } as const;
  const question = questionOf({ person: { id: 'usr_bob', groups: [] }, server: 'crm', target });
  const facts = { isReviewed: () => true, grantFor: () => ({ id: 'gra_1', kind }) };
  return resolveQuestion({ ...question, context: { ...CONTEXT, agents } }, { servers: {}, networks: {} }, facts).grant;
};

test('what a person takes in an emergency lifts no forbid for an agent that acts for them', () => {
  expect(asked('break-glass', [])).toEqual({ id: 'gra_1', kind: 'break-glass' });
  expect(asked('break-glass', ['service/nightly'])).toEqual({ id: 'gra_1', kind: 'grant' });
  expect(asked('grant', ['service/nightly'])).toEqual({ id: 'gra_1', kind: 'grant' });
});
