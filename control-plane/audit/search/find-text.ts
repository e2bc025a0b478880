import type { AuditQuery } from '#shared/api/audit.js';
import type { Scope } from './conditions.js';
import { formatCursor, type Position } from './cursor.js';
import { findEntries } from './find-entries.js';
import { loadPayloads, type Payload } from './load-payloads.js';
import { loadHeaders, loadOutcomes } from './load-records.js';
import type { SearchSources } from './search.js';

const BATCH = 200;
/** Records whose payloads are opened for one page, and for how long. */
const MAX_OPENED = 2_000;
const MAX_MS = 1_000;

export interface TextMatches {
  readonly found: readonly Position[];
  /** How many records were looked at for this page; and the last of them, where there are more to look at. */
  readonly opened: number;
  readonly last: Position | undefined;
}

/**
 * Entries whose captured arguments or result contain `text`, whatever the case. They are sealed, so no index knows them: each record
 * that the other filters leave is opened, newest first, as far as one page may go.
 */
export async function findText(
  sources: SearchSources,
  query: AuditQuery,
  text: string,
  scope: Scope,
): Promise<TextMatches> {
  const until = performance.now() + MAX_MS;
  const found: Position[] = [];
  let opened = 0;
  let { cursor } = query;
  for (;;) {
    const places = await findEntries(sources.db, { ...query, limit: BATCH, cursor }, scope);
    const batch = places.slice(0, BATCH);
    const matching = await matchingIds(sources, batch, text.toLowerCase());
    for (const place of batch) {
      opened += 1;
      if (matching.has(place.id)) found.push(place);
      if (found.length === query.limit) return { found, opened, last: place };
    }
    const last = batch.at(-1);
    if (places.length <= BATCH || last === undefined) return { found, opened, last: undefined };
    if (opened >= MAX_OPENED || performance.now() >= until) return { found, opened, last };
    cursor = formatCursor(last);
  }
}

async function matchingIds(
  { db, keys }: SearchSources,
  places: readonly Position[],
  text: string,
): Promise<Set<string>> {
  const ids = places.map(({ id }) => id);
  const [intents, outcomes] = await Promise.all([loadHeaders(db, ids), loadOutcomes(db, ids)]);
  const payloads = await loadPayloads(db, keys, [...intents.values(), ...outcomes.values()], true);
  const captured = (id: string | undefined): string[] => textsOf(id === undefined ? undefined : payloads.get(id));
  const isMatch = (id: string): boolean =>
    [...captured(id), ...captured(outcomes.get(id)?.id)].some((content) => content.toLowerCase().includes(text));
  return new Set(ids.filter(isMatch));
}

function textsOf(payload: Payload | undefined): string[] {
  if (payload?.state !== 'shown') return [];
  const { arguments: args, result } = payload.personal;
  return [args, result].filter((text) => text !== undefined);
}
