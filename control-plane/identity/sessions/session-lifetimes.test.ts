import { expect, test } from 'vitest';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { settingsSchema, type LoadedConfig } from '../../config/settings.js';
import type { Session } from '../caller.js';
import { ranOut, SessionLifetimes } from './session-lifetimes.js';

const MINUTE = 60_000;
const fresh = {
  kind: 'person',
  actors: [],
  groups: [],
  createdAt: 0,
  lastUsedAt: 0,
  expiresAt: 720 * MINUTE,
  idleSeconds: null,
} as Partial<Session> as Session;

function lifetimes(sessions: object): SessionLifetimes {
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    identity: { providers: {}, sessions },
    roles: { owner: ['okta/owners'], auditor: ['okta/security'] },
    servers: {},
  });
  const config = { settings, policyFiles: [] } as Partial<LoadedConfig> as LoadedConfig;
  return new SessionLifetimes(config, ActiveCatalog.of(config));
}

function bounds({ expiresAt, idleSeconds }: Session): [minutes: number, idle: number | null] {
  return [expiresAt / MINUTE, idleSeconds === null ? null : idleSeconds / 60];
}

test('without roles the general values hold: 12 hours, and 4 without use', () => {
  expect(bounds(lifetimes({}).applied(fresh))).toEqual([720, 240]);
  expect(lifetimes({}).longest).toBe(43_200);
});

test('of several roles the strictest holds, each limit by itself', () => {
  const of = lifetimes({
    roles: { owner: { absoluteMinutes: 60 }, auditor: { absoluteMinutes: 90, idleMinutes: 15 } },
  });
  const groups = ['okta/security', 'okta/owners'];
  expect(bounds(of.applied({ ...fresh, groups }))).toEqual([60, 15]);
  expect(bounds(of.applied({ ...fresh, groups: ['okta/owners'] }))).toEqual([60, 240]);
  expect(bounds(of.applied({ ...fresh, groups: ['other/owners'] }))).toEqual([720, 240]);
});

test('a limit is never raised: not by a role that is gone, and not by settings', () => {
  const short = { ...fresh, expiresAt: 60 * MINUTE, idleSeconds: 900 };
  expect(lifetimes({ absoluteMinutes: 10_080, idleMinutes: 10_080 }).applied(short)).toBe(short);
});

test('machines, agents and break-glass keep their own short lives', () => {
  const own = { ...fresh, expiresAt: 5 * MINUTE };
  for (const session of [
    { ...own, kind: 'service' as const },
    { ...own, kind: 'break-glass' as const },
    { ...own, actors: ['usr_agent'] },
  ]) {
    expect(lifetimes({}).applied(session)).toBe(session);
  }
});

test('a session runs out at its end, or unused, and what is not written yet speaks for it', () => {
  const session = { expiresAt: 1_000_000, idleSeconds: 300, lastUsedAt: 0 };
  expect(ranOut(session, 299_999)).toBeUndefined();
  expect(ranOut(session, 300_000)).toBe('idle');
  expect(ranOut(session, 389_999, 90_000)).toBeUndefined();
  expect(ranOut(session, 390_000, 90_000)).toBe('idle');
  expect(ranOut(session, 1_000_000, 90_000)).toBe('expired');
  expect(ranOut({ ...session, idleSeconds: null }, 999_999)).toBeUndefined();
});
