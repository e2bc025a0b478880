import { ME } from '#shared/api/paths.js';
import type { ListedSession } from '#shared/api/sessions.js';
import { CodedError } from '#shared/errors.js';
import type { CallApi } from '../api-answer.js';
import { fetchSessions } from '../sessions/fetch-sessions.js';

/** More than one person has. */
const MOST_SESSIONS = 1000;

/** The caller's own live sessions, whatever their roles open to them. */
export async function ownSessions(call: CallApi): Promise<ListedSession[]> {
  return (await fetchSessions(call, { user: ME, limit: MOST_SESSIONS })).items;
}

/** Throws `not_found` for an id that is none of the caller's own. */
export async function ownSession(call: CallApi, id: string): Promise<ListedSession> {
  const session = (await ownSessions(call)).find((one) => one.id === id);
  if (session) return session;
  throw new CodedError('not_found', {
    message: 'You have no such live session. See their ids with: mcp-sso me sessions',
  });
}
