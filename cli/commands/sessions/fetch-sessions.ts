import { PATHS } from '#shared/api/paths.js';
import { sessionPageSchema, type ListedSession } from '#shared/api/sessions.js';
import { readAnswer, type CallApi } from '../api-answer.js';
import { fetchPages, type Fetched } from '../admin/fetch-pages.js';
import type { ListOptions } from '../admin/list-options.js';

export async function fetchSessions(
  call: CallApi,
  options: Pick<ListOptions, 'user' | 'limit'>,
): Promise<Fetched<ListedSession>> {
  return fetchPages(PATHS.sessions, options, async (path) => {
    const { sessions, nextCursor } = readAnswer(sessionPageSchema, await call('GET', path));
    return { items: sessions, nextCursor };
  });
}
