import { isObject } from '#shared/mcp/json-rpc.js';
import { valueAt, type Finding, type KeyPath } from './key-path.js';

const SESSIONS: KeyPath = ['identity', 'sessions'];
const GENERAL = { absoluteMinutes: 720, idleMinutes: 240 } as const;
type Limit = keyof typeof GENERAL;

/** Lifetimes that would never act, because another one ends the session before. */
export function sessionFindings(value: unknown): Finding[] {
  const sessions = valueAt(value, SESSIONS);
  if (!isObject(sessions)) return [];
  const roles = isObject(sessions['roles']) ? Object.entries(sessions['roles']) : [];
  return [
    ...idleBeyond([], sessions['idleMinutes'], general(sessions, 'absoluteMinutes')),
    ...roles.flatMap(([role, own]) => (isObject(own) ? ofRole(sessions, role, own) : [])),
  ];
}

function ofRole(sessions: object, role: string, own: Readonly<Record<string, unknown>>): Finding[] {
  const longer = (['absoluteMinutes', 'idleMinutes'] as const).flatMap((key) => {
    const most = general(sessions, key);
    const minutes = own[key];
    if (!isMinutes(minutes) || minutes <= most) return [];
    return finding(['roles', role, key], `longer than the ${most} of everyone, so it would never act`, most);
  });
  if (longer.length > 0) return longer;
  return idleBeyond(
    ['roles', role],
    own['idleMinutes'],
    own['absoluteMinutes'] ?? general(sessions, 'absoluteMinutes'),
  );
}

function idleBeyond(path: KeyPath, idle: unknown, absolute: unknown): Finding[] {
  if (!isMinutes(idle) || !isMinutes(absolute) || idle <= absolute) return [];
  return finding(
    [...path, 'idleMinutes'],
    `longer than absoluteMinutes (${absolute}), so it would never act`,
    absolute,
  );
}

function finding(path: KeyPath, message: string, most: number): Finding[] {
  return [{ path: [...SESSIONS, ...path], at: 'value', message, fix: `write ${most} or less, or raise the other` }];
}

function general(sessions: object, key: Limit): number {
  const minutes = valueAt(sessions, [key]);
  return isMinutes(minutes) ? minutes : GENERAL[key];
}

function isMinutes(value: unknown): value is number {
  return typeof value === 'number';
}
