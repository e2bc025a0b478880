import type { Kysely } from 'kysely';
import type { AuditPage, AuditQuery } from '#shared/api/audit.js';
import type { ListedPerson } from '#shared/api/person.js';
import type { RecordHeader } from '#shared/audit-log/record-header.js';
import { CodedError } from '#shared/errors.js';
import type { Database } from '../../storage/schema.js';
import { fitPage } from '../page-size.js';
import type { SubjectKeys } from '../subject-keys.js';
import type { Scope } from './conditions.js';
import { formatCursor, type Position } from './cursor.js';
import { auditEntry } from './entry.js';
import { findEntries } from './find-entries.js';
import { findText } from './find-text.js';
import type { ServerTitle } from './find-servers.js';
import { loadPayloads } from './load-payloads.js';
import { loadHeaders, loadOutcomes } from './load-records.js';

/** What the reader may see; without `payloads` neither claimed clients, addresses and reasons, nor a search by them. */
export interface AuditView {
  readonly payloads: boolean;
  /** Id of the person whose records alone are shown. */
  readonly person?: string;
}

export interface SearchSources {
  readonly db: Kysely<Database>;
  readonly keys: SubjectKeys;
  readonly servers: readonly ServerTitle[];
  readonly hashOf: Scope['hashOf'];
}

/** A page of at most `query.limit` entries, fewer where they are long. Throws `params_invalid` for a bad cursor. */
export async function searchAudit(sources: SearchSources, query: AuditQuery, view: AuditView): Promise<AuditPage> {
  const { db, keys, servers, hashOf } = sources;
  const { shown, next, looked } = await findPage(sources, query, {
    servers,
    claims: view.payloads,
    person: view.person,
    hashOf,
  });
  const ids = shown.map(({ id }) => id);
  const headersById = await loadHeaders(db, ids);
  const headers = ids.flatMap((id) => headersById.get(id) ?? []);
  const [outcomes, payloads, people] = await Promise.all([
    loadOutcomes(db, ids),
    loadPayloads(db, keys, headers, view.payloads),
    loadPeople(db, headers),
  ]);
  const entries = fitPage(
    headers.map((header) =>
      auditEntry(header, outcomes.get(header.id), payloads.get(header.id) ?? { state: 'damaged' }, people),
    ),
  );
  const cut = entries.length < headers.length ? shown.find(({ id }) => id === entries.at(-1)?.id) : undefined;
  const position = cut ?? next;
  return { entries, nextCursor: position ? formatCursor(position) : null, ...(looked ? { looked } : {}) };
}

interface FoundPage {
  readonly shown: readonly Position[];
  /** After which the next page begins; undefined where there is none. */
  readonly next: Position | undefined;
  readonly looked?: AuditPage['looked'];
}

async function findPage(sources: SearchSources, query: AuditQuery, scope: Scope): Promise<FoundPage> {
  const { text, ...filters } = query;
  if (!scope.claims && (text !== undefined || query.agentSession !== undefined)) throw withheld();
  if (text === undefined) {
    const found = await findEntries(sources.db, filters, scope);
    const shown = found.slice(0, query.limit);
    return { shown, next: found.length > shown.length ? shown.at(-1) : undefined };
  }
  const { found, opened, last } = await findText(sources, filters, text, scope);
  const backTo = last === undefined ? null : new Date(last.ts).toISOString();
  return { shown: found, next: last, looked: { records: opened, backTo } };
}

function withheld(): CodedError {
  return new CodedError('role_missing', {
    message: 'Only the auditor role searches what was captured, and what apps claim of themselves.',
  });
}

export async function loadPeople(
  db: Kysely<Database>,
  headers: readonly RecordHeader[],
): Promise<Map<string, ListedPerson>> {
  const named = headers.flatMap(({ facts }) => [facts['person'], facts['affected']]);
  const ids = new Set(named.filter((id) => typeof id === 'string'));
  if (ids.size === 0) return new Map();
  const rows = await db
    .selectFrom('persons')
    .select(['id', 'email', 'name'])
    .where('id', 'in', [...ids])
    .execute();
  return new Map(rows.map((person) => [person.id, person]));
}
