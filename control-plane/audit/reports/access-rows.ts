import type { AccessRow } from '#shared/api/audit-reports.js';
import type { ListedNames } from './listed-names.js';
import type { KeyedRow } from './page-rows.js';
import type { Reach } from './read-reach.js';
import { distinct, tally } from './tally.js';

/** One row for each person and app. `claims`: whether the reader sees what apps claim to be. */
export function accessRows(reach: readonly Reach[], names: ListedNames, claims: boolean): KeyedRow<AccessRow>[] {
  const groups = Map.groupBy(reach, ({ subject, client }) => JSON.stringify([subject, shownClient(client, claims)]));
  return [...groups.values()].map((calls) => {
    const { server, subject, client } = calls[0]!;
    const shown = shownClient(client, claims);
    const row: AccessRow = {
      server,
      person: names.person(subject),
      client: shown,
      tools: distinct(calls.map(({ type, target }) => `${type} ${target}`)),
      ...tally(calls),
    };
    return { key: [subject ?? '', shown.id, shown.claimedName ?? ''], row };
  });
}

function shownClient(client: string | null, claims: boolean): AccessRow['client'] {
  const [id = '', claimedName = ''] = (client ?? '').split('\n');
  return { id, claimedName: claims && claimedName !== '' ? claimedName : null };
}
