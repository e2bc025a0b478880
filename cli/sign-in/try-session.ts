import { asCoded, CodedError } from '#shared/errors.js';
import { askMcp } from './mcp-endpoint.js';
import type { ControlPlaneSession } from './open-session.js';

/** `live` and `ended`: the control plane just said so; `unknown`: it could not be asked. */
export interface TriedSession {
  readonly session: 'live' | 'ended' | 'unknown';
  /** Why it ended, or why it is unknown. */
  readonly failure?: CodedError;
}

/** The control plane's own word on whether the session of the saved sign-in lives. */
export async function trySession(session: ControlPlaneSession): Promise<TriedSession> {
  try {
    const store = await session.store();
    const saved = await store.read(session.endpoint.slot);
    return await (saved?.refreshToken === '' ? askOnce(session) : renew(session));
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { session: error.code === 'sign_in_needed' ? 'ended' : 'unknown', failure: error };
  }
}

async function renew({ tokens, origin }: ControlPlaneSession): Promise<TriedSession> {
  tokens.refused(await tokens.authorize('GET', origin), undefined);
  await tokens.authorize('GET', origin);
  return { session: 'live' };
}

/** A break-glass sign-in cannot be renewed: trying that would end it. */
async function askOnce(session: ControlPlaneSession): Promise<TriedSession> {
  try {
    await askMcp(session, 'server/discover');
    return { session: 'live' };
  } catch (error) {
    const failure = asCoded(error);
    return { session: failure.form.http === 401 ? 'ended' : 'unknown', failure };
  }
}
