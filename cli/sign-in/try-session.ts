import { CodedError } from '#shared/errors.js';
import type { ControlPlaneSession } from './open-session.js';

/** `live` and `ended`: the control plane just said so; `unknown`: it could not be asked. */
export interface TriedSession {
  readonly session: 'live' | 'ended' | 'unknown';
  /** Why it ended, or why it is unknown. */
  readonly failure?: CodedError;
}

/** A refresh is the control plane's own word on whether the session lives. */
export async function trySession({ tokens, origin }: ControlPlaneSession): Promise<TriedSession> {
  try {
    tokens.refused(await tokens.authorize('GET', origin), undefined);
    await tokens.authorize('GET', origin);
    return { session: 'live' };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { session: error.code === 'sign_in_needed' ? 'ended' : 'unknown', failure: error };
  }
}
