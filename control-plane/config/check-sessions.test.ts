import { expect, test } from 'vitest';
import { sessionFindings } from './check-sessions.js';

function found(sessions: object): string[] {
  return sessionFindings({ identity: { sessions } }).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('what ends a session before another limit can act is a fault of the other', () => {
  expect(found({ absoluteMinutes: 60, idleMinutes: 61 })).toEqual([
    'identity.sessions.idleMinutes: longer than absoluteMinutes (60), so it would never act',
  ]);
  expect(found({ roles: { owner: { absoluteMinutes: 60, idleMinutes: 90 } } })).toEqual([
    'identity.sessions.roles.owner.idleMinutes: longer than absoluteMinutes (60), so it would never act',
  ]);
});

test('a role can only be stricter than everyone', () => {
  expect(found({ roles: { owner: { absoluteMinutes: 721, idleMinutes: 241 } } })).toEqual([
    'identity.sessions.roles.owner.absoluteMinutes: longer than the 720 of everyone, so it would never act',
    'identity.sessions.roles.owner.idleMinutes: longer than the 240 of everyone, so it would never act',
  ]);
});

test('one limit alone is enough, and what is no number is for the schema', () => {
  expect(found({ absoluteMinutes: 60 })).toEqual([]);
  expect(found({ idleMinutes: 300, absoluteMinutes: 300, roles: { owner: { idleMinutes: 5 } } })).toEqual([]);
  expect(found({ absoluteMinutes: '60', idleMinutes: 'x', roles: { owner: null } })).toEqual([]);
});
