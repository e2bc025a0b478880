import { policyToJson, type PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyFile } from '../../config/settings.js';
import { describePolicy, type PolicySummary } from '../describe-policy.js';
import { TYPES } from '../names.js';
import { readPolicies, type SourcePolicy } from '../source/read-policies.js';
import { gridOf } from './parse-grid.js';
import { gridPolicies, LEVEL_ACTIONS, type Grid, type Level } from './write-grid.js';

export const GRID_FILE = 'policies/grid.cedar';

interface ReadGrid {
  readonly grid: Grid;
  /** What the grid does not show: the policies of every other file, and those that somebody wrote into its own. */
  readonly custom: readonly PolicySummary[];
  /** Texts of the latter, to be kept. */
  readonly kept: readonly string[];
}

/** The grid of `policies/grid.cedar`, and everything beside it. A policy belongs to the grid only where the grid would write it so. */
export function readGrid(files: readonly PolicyFile[]): ReadGrid {
  const policies = files.filter(({ file }) => file.endsWith('.cedar')).flatMap((file) => readPolicies(file).policies);
  const own = policies.filter(({ source }) => source.file === GRID_FILE);
  const written = new Map(gridPolicies(gridOf(own.flatMap(cellOf))).map(({ id, text }) => [id, text]));
  const inGrid = (policy: SourcePolicy): boolean =>
    policy.source.file === GRID_FILE && written.get(policy.key) === policy.text;
  return {
    grid: gridOf(own.filter(inGrid).flatMap(cellOf)),
    custom: policies.filter((policy) => !inGrid(policy)).map(describePolicy),
    kept: own.filter((policy) => !inGrid(policy)).map(({ text }) => text),
  };
}

function cellOf({ text }: SourcePolicy): { group: string; server: string; level: Level }[] {
  const parsed = policyToJson(text);
  if (parsed.type === 'failure') return [];
  const group = idOf(parsed.json.principal, TYPES.group);
  const server = idOf(parsed.json.resource, TYPES.server);
  const level = levelOf(parsed.json.action);
  return group === undefined || server === undefined || level === undefined ? [] : [{ group, server, level }];
}

function idOf(scope: PolicyJson['principal'] | PolicyJson['resource'], type: string): string | undefined {
  if (scope.op !== 'in' || !('entity' in scope)) return undefined;
  const uid = '__entity' in scope.entity ? scope.entity.__entity : scope.entity;
  return uid.type === type ? uid.id : undefined;
}

function levelOf(action: PolicyJson['action']): Level | undefined {
  if (action.op === 'All') return 'all';
  if (action.op !== 'in' || !('entities' in action)) return undefined;
  const ids = action.entities.map((uid) => ('__entity' in uid ? uid.__entity.id : uid.id));
  return (['read', 'write'] as const).find((level) => ids.join(' ') === LEVEL_ACTIONS[level]?.join(' '));
}
