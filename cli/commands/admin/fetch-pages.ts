import type { ListOptions } from './list-options.js';

const MAX_PAGE = 1000;

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

export interface Fetched<T> {
  readonly items: T[];
  /** More match than `--limit` allowed. */
  readonly more: boolean;
}

/** Reads a list of the admin API page by page, up to the limit. `read` gets the path with its query. */
export async function fetchPages<T>(
  path: string,
  { user, limit, filter }: Pick<ListOptions, 'user' | 'limit'> & { readonly filter?: Readonly<Record<string, string>> },
  read: (path: string) => Promise<Page<T>>,
): Promise<Fetched<T>> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ ...filter, limit: String(Math.min(MAX_PAGE, limit - items.length)) });
    if (user !== undefined) query.set('user', user);
    if (cursor !== null) query.set('cursor', cursor);
    const page: Page<T> = await read(`${path}?${query.toString()}`);
    items.push(...page.items);
    cursor = page.items.length > 0 ? page.nextCursor : null;
  } while (cursor !== null && items.length < limit);
  return { items, more: cursor !== null };
}
