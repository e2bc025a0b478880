import { isObject } from '#shared/mcp/json-rpc.js';
import { valueAt, type Finding, type KeyPath } from './key-path.js';
import { nearestWord } from './nearest-word.js';

/** Names under `audit.capture` that stand for nothing: what an admin meant to keep would not be kept. */
export function auditFindings(value: unknown): Finding[] {
  // There, this file's servers are the first revision only, and others come by the admin API.
  if (valueAt(value, ['catalog', 'source']) === 'api') return [];
  const at: KeyPath = ['audit', 'capture', 'servers'];
  return keysAt(value, at).flatMap((server) => {
    const known = keysAt(value, ['servers']);
    if (!known.includes(server)) return [unknown([...at, server], `there is no server ${server}`, 'servers', known)];
    const tools = keysAt(value, ['servers', server, 'tools']);
    return keysAt(value, [...at, server, 'tools'])
      .filter((tool) => !tools.includes(tool))
      .map((tool) => {
        const path = [...at, server, 'tools', tool];
        return unknown(path, `${server} has no tool ${tool}`, `servers.${server}.tools`, tools);
      });
  });
}

function unknown(path: KeyPath, message: string, place: string, known: readonly string[]): Finding {
  const meant = nearestWord(String(path.at(-1)), known);
  const fix = meant === undefined ? `name it under ${place} too, or remove it here` : `did you mean ${meant}?`;
  return { path, at: 'key', message, fix };
}

function keysAt(value: unknown, path: KeyPath): string[] {
  const found = valueAt(value, path);
  return isObject(found) ? Object.keys(found) : [];
}
