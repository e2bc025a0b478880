import { stringify } from 'yaml';
import type { PolicySummary } from '../describe-policy.js';
import type { Grid } from './write-grid.js';

const HEADER = '# group → server → none | read | write | all\n';
const BESIDE = '# Policies that a grid does not hold decide too, and stay as they are:\n';

/** The grid as YAML that `parseGrid` reads, with each group that it or another policy names, and all servers. */
export function formatGrid(grid: Grid, custom: readonly PolicySummary[], servers: readonly string[]): string {
  const named = custom.flatMap(({ principals }) => principals.filter((name) => name.includes('/')));
  const groups = [...new Set([...grid.keys(), ...named])].toSorted();
  const rows = groups.map((group) => {
    const cells = servers.map((server) => [server, grid.get(group)?.get(server) ?? 'none'] as const);
    return [group, Object.fromEntries(cells)] as const;
  });
  const notes = custom.map(({ id, file }) => `#   ${id} (${file})\n`);
  return HEADER + (notes.length === 0 ? '' : BESIDE + notes.join('')) + stringify(Object.fromEntries(rows));
}
