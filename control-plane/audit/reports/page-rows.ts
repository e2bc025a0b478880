import { setImmediate } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { CodedError } from '#shared/errors.js';
import type { Database } from '../../storage/schema.js';
import { fitPage } from '../page-size.js';
import { nextServer } from './read-reach.js';

/** A row of a report and what it is ordered by, so that a page begins behind the last one whatever came in between. */
export interface KeyedRow<Row> {
  readonly key: readonly string[];
  readonly row: Row;
}

export interface RowPage<Row> {
  readonly rows: Row[];
  readonly nextCursor: string | null;
}

interface Place {
  readonly server: string;
  readonly key: readonly string[];
}

/**
 * Rows server by server (`wanted`: of these only), each counted for itself: SQLite works in the thread that serves calls, and they come in between.
 * Throws `params_invalid` for a cursor that no page ended with.
 */
export async function pageByServer<Row>(
  db: Kysely<Database>,
  wanted: ReadonlySet<string> | undefined,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  rowsOf: (server: string) => Promise<readonly KeyedRow<Row>[]>,
): Promise<RowPage<Row>> {
  const start = cursor === undefined ? undefined : parsePlace(cursor);
  if (start !== undefined && wanted?.has(start.server) === false) throw foreign();
  const found: { readonly place: Place; readonly row: Row }[] = [];
  const following = async (server: string): Promise<string | undefined> =>
    wanted === undefined ? nextServer(db, server) : [...wanted].toSorted().find((one) => one > server);
  let server = start?.server ?? (await following(''));
  while (server !== undefined && found.length <= limit) {
    const behind = start?.server === server ? start.key : undefined;
    found.push(...(await rowsBehind(server, behind, rowsOf)));
    server = await following(server);
    await setImmediate();
  }
  const rows = fitPage(found.slice(0, limit).map(({ row }) => row));
  const last = found[rows.length - 1];
  return { rows, nextCursor: last && rows.length < found.length ? formatPlace(last.place) : null };
}

async function rowsBehind<Row>(
  server: string,
  behind: readonly string[] | undefined,
  rowsOf: (server: string) => Promise<readonly KeyedRow<Row>[]>,
): Promise<{ readonly place: Place; readonly row: Row }[]> {
  const rows = (await rowsOf(server)).toSorted((one, other) => compareKeys(one.key, other.key));
  const rest = behind === undefined ? rows : rows.filter(({ key }) => compareKeys(key, behind) > 0);
  return rest.map(({ key, row }) => ({ place: { server, key }, row }));
}

function compareKeys(one: readonly string[], other: readonly string[]): number {
  const at = one.findIndex((part, index) => part !== other[index]);
  if (at < 0) return 0;
  return one[at]! < (other[at] ?? '') ? -1 : 1;
}

function formatPlace({ server, key }: Place): string {
  return Buffer.from(JSON.stringify([server, ...key])).toString('base64url');
}

function parsePlace(cursor: string): Place {
  const [server, ...key] = strings(cursor);
  if (server !== undefined && key.length > 0) return { server, key };
  throw foreign();
}

function foreign(): CodedError {
  return new CodedError('params_invalid', {
    message: '`cursor` is not one that a page of this report ended with. Leave it out to start again.',
  });
}

function strings(cursor: string): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) && parts.every((part) => typeof part === 'string') ? parts : [];
  } catch {
    return [];
  }
}
