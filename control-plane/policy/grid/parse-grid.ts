import { isObject } from '#shared/mcp/json-rpc.js';
import { nearestWord } from '../../config/nearest-word.js';
import type { Fault, Settings } from '../../config/settings.js';
import { readYaml } from '../../config/yaml-source.js';
import { qualifierOf } from '../names.js';
import type { Grid, Level } from './write-grid.js';

const FILE = 'grid';
const MAX_CELLS = 5000;
const LEVELS: ReadonlyMap<unknown, Level | undefined> = new Map([
  ['none', undefined],
  ['read', 'read'],
  ['write', 'write'],
  ['all', 'all'],
]);

type About = Pick<Fault, 'message' | 'fix'>;
type Known = Pick<Settings, 'servers' | 'identity'>;

/** A grid as people write it: YAML of group → server → level. `none` may be written, and means the same as nothing. */
export function parseGrid(text: string, known: Known): { readonly grid: Grid; readonly faults: readonly Fault[] } {
  const source = readYaml(FILE, text);
  const { value } = source;
  if (!source.readable || source.faults.length > 0) return { grid: new Map(), faults: source.faults };
  const fault = (path: readonly string[], at: 'key' | 'value', about: About | undefined): Fault[] =>
    about === undefined ? [] : [{ file: FILE, ...source.place(path, at), key: path.join(' '), ...about }];
  if (!isObject(value)) return { grid: new Map(), faults: fault([], 'value', NO_GRID) };
  const rows = Object.entries(value);
  const cells = rows.flatMap(([group, row]) =>
    Object.entries(isObject(row) ? row : {}).map(([server, level]) => ({ group, server, level })),
  );
  if (rows.length + cells.length > 2 * MAX_CELLS) return { grid: new Map(), faults: fault([], 'value', TOO_MANY) };
  const faults = [
    ...rows.flatMap(([group, row]) =>
      fault([group], 'key', groupFault(group, known) ?? (isObject(row) ? undefined : NO_ROW)),
    ),
    ...cells.flatMap(({ group, server, level }) => [
      ...fault([group, server], 'key', serverFault(server, known)),
      ...fault([group, server], 'value', LEVELS.has(level) ? undefined : NO_LEVEL),
    ]),
    ...fault([], 'value', cells.length > MAX_CELLS ? TOO_MANY : undefined),
  ];
  const levels = cells.flatMap(({ group, server, level }) => {
    const granted = LEVELS.get(level);
    return granted === undefined ? [] : [{ group, server, level: granted }];
  });
  return { grid: gridOf(levels), faults };
}

interface Cell {
  readonly group: string;
  readonly server: string;
  readonly level: Level;
}

export function gridOf(cells: readonly Cell[]): Grid {
  const grid = new Map<string, Map<string, Level>>();
  for (const { group, server, level } of cells) {
    const row = grid.get(group) ?? new Map<string, Level>();
    grid.set(group, row.set(server, level));
  }
  return grid;
}

const NO_GRID = {
  message: 'this is no grid',
  fix: 'write <provider>/<group>: { <server>: none | read | write | all }',
};
const NO_ROW = {
  message: 'there are no servers below this group',
  fix: 'write { <server>: none | read | write | all }',
};
const NO_LEVEL = { message: 'this is no level', fix: 'write none, read, write or all' };
const TOO_MANY = {
  message: `there are more than ${MAX_CELLS} cells`,
  fix: 'write policies for larger groups of servers',
};

function groupFault(group: string, { identity }: Known): About | undefined {
  const providers = Object.keys(identity.providers);
  if (group.isWellFormed() && group.length <= 1000 && providers.includes(qualifierOf(group) ?? '')) return undefined;
  const fix = `write <provider>/<group>; the providers are: ${providers.join(', ')}`;
  return { message: 'this is no group of an identity provider', fix };
}

function serverFault(server: string, { servers }: Known): About | undefined {
  const known = Object.keys(servers);
  if (known.includes(server)) return undefined;
  const nearest = nearestWord(server, known);
  const fix = nearest === undefined ? `known are: ${known.join(', ')}` : `did you mean ${nearest}?`;
  return { message: 'there is no such server', fix };
}
