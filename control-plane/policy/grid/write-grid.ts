import { createHash } from 'node:crypto';
import { GET_PROMPT, READ_RESOURCE, TYPES } from '../names.js';

export type Level = 'read' | 'write' | 'all';

/** Group → server → level. What is not in it is `none`. */
export type Grid = ReadonlyMap<string, ReadonlyMap<string, Level>>;

/** The actions of a level; undefined for all that there are. */
export const LEVEL_ACTIONS: Readonly<Record<Level, readonly string[] | undefined>> = {
  read: ['read', READ_RESOURCE, GET_PROMPT],
  write: ['read', 'write', READ_RESOURCE, GET_PROMPT],
  all: undefined,
};

const PHRASES: Readonly<Record<Level, string>> = {
  read: 'read',
  write: 'read and write',
  all: 'use everything',
};

interface GridPolicy {
  readonly id: string;
  readonly text: string;
}

const HEADER = `// Written by \`mcp-sso policy grid --apply\`: each permit is one cell of group and server. It is read back from here, so
// change the grid and apply it again. What you write here yourself is kept, and counts as custom.
`;

/** The file of a grid, and after it what is kept of the file's own. */
export function writeGrid(grid: Grid, kept: readonly string[]): string {
  return [HEADER, ...gridPolicies(grid).map(({ text }) => `${text}\n`), ...kept.map((text) => `${text}\n`)].join('\n');
}

/** One permit for each cell, in the order of groups and servers. */
export function gridPolicies(grid: Grid): GridPolicy[] {
  const cells = [...grid].flatMap(([group, row]) => [...row].map(([server, level]) => ({ group, server, level })));
  const sorted = cells.toSorted((a, b) => compare(a.group, b.group) || compare(a.server, b.server));
  const taken = new Set<string>();
  return sorted.map(({ group, server, level }) => {
    const id = freeId(group, server, taken);
    taken.add(id);
    return { id, text: textOf(id, group, server, level) };
  });
}

function textOf(id: string, group: string, server: string, level: Level): string {
  const actions = LEVEL_ACTIONS[level]?.map((action) => `${TYPES.action}::"${action}"`);
  return `@id("${id}")
@reason(${literal(`${group.slice(0, 300)} may ${PHRASES[level]} at ${server}.`.replaceAll(/\p{C}/gu, ' '))})
permit (
  principal in ${TYPES.group}::${literal(group)},
  action${actions === undefined ? '' : ` in [${actions.join(', ')}]`},
  resource in ${TYPES.server}::${literal(server)}
);`;
}

const MAX_ID = 128;

/** Groups may be called anything, ids may not: two that would become one are told apart by their hash. */
function freeId(group: string, server: string, taken: ReadonlySet<string>): string {
  const plain = `grid-${group}-${server}`.replaceAll(/[^A-Za-z0-9._-]/g, '-');
  if (plain.length <= MAX_ID && !taken.has(plain)) return plain;
  const hash = createHash('sha256').update(group).digest('hex').slice(0, 16);
  return `grid-${hash}-${server}`;
}

/** A Cedar string literal: whatever could end it, or steer a terminal, is escaped. */
function literal(text: string): string {
  const escaped = text.replaceAll(/["\\\p{C}\p{Zl}\p{Zp}]/gu, (found) =>
    found === '"' || found === '\\' ? `\\${found}` : `\\u{${found.codePointAt(0)!.toString(16)}}`,
  );
  return `"${escaped}"`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
