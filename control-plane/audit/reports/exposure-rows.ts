import type { ExposureRow } from '#shared/api/audit-reports.js';
import type { ListedNames } from './listed-names.js';
import type { KeyedRow } from './page-rows.js';
import type { Reach } from './read-reach.js';
import { distinct, tally } from './tally.js';

/** Of a tool by its server and name. */
export type EffectOf = (server: string, tool: string) => ExposureRow['effect'];

/** One row for each group and what it reached. `wanted`: only these groups, not the others of the same people. */
export function exposureRows(
  reach: readonly Reach[],
  names: ListedNames,
  effectOf: EffectOf,
  wanted: readonly string[] | undefined,
): KeyedRow<ExposureRow>[] {
  const ofGroups = reach.flatMap((one) => groupsOf(one, names, wanted).map((group) => ({ group, one })));
  const rows = Map.groupBy(ofGroups, ({ group, one }) => JSON.stringify([group, one.type, one.target]));
  return [...rows.values()].map((members) => {
    const { group, one } = members[0]!;
    const calls = members.map((member) => member.one);
    const row: ExposureRow = {
      group,
      ...reachedBy(one, effectOf),
      persons: distinct(calls.map(({ subject }) => subject)),
      ...tally(calls),
    };
    return { key: [group ?? '', one.type, one.target], row };
  });
}

function groupsOf(one: Reach, names: ListedNames, wanted: readonly string[] | undefined): (string | null)[] {
  const groups = names.members(one.groupSet);
  if (wanted !== undefined) return wanted.filter((group) => groups?.includes(group));
  return groups === null ? [null] : [...groups];
}

function reachedBy({ server, type, target }: Reach, effectOf: EffectOf) {
  return { server, target, type, effect: type === 'tool.call' ? effectOf(server, target) : null };
}
