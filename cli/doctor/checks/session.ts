import type { CodedError } from '#shared/errors.js';
import type { SavedSignIn } from '../../credential-store/saved-sign-in.js';
import { accountName } from '../../sign-in/account-name.js';
import { openSession } from '../../sign-in/open-session.js';
import { trySession, type TriedSession } from '../../sign-in/try-session.js';
import { found, known, type Check } from '../check.js';
import { fault } from '../faults/faults.js';
import { ok, skipped, type Found } from '../finding.js';

/** Who is signed in, and whether the control plane agrees; it asks the identity provider again meanwhile. */
export const SESSION: Check = {
  name: 'session',
  title: 'Session',
  needs: ['settings', 'credential-store', 'control-plane'],
  limit: 8_000,
  code: 'network',
  run: async ({ context }, evidence) => {
    const { store } = evidence;
    if (!store) return found(skipped('Each AI app has a session of its own, in memory.'));
    const session = openSession(context, 'bridge', known(evidence, 'settings'));
    const saved = await store.read(session.endpoint.slot);
    if (!saved) return found(fault('session', 'not_signed_in', { origin: session.origin }));
    const tried = await trySession(session);
    const judged = judgeSession(tried, saved, session.origin);
    return tried.session === 'live' ? { found: [judged], learnt: { session } } : found(judged);
  },
};

export function judgeSession(
  { session, failure }: { readonly session: TriedSession['session']; readonly failure?: CodedError },
  { account, refreshToken, expiresAt }: SavedSignIn,
  origin: string,
): Found {
  const why = failure?.message ?? '';
  if (session === 'ended') return fault('session', 'session_ended', { why, origin });
  if (session === 'live') {
    const until =
      refreshToken === ''
        ? `It ends at ${new Date(expiresAt).toISOString()} and cannot be renewed.`
        : 'It was renewed just now, with the groups that the identity provider named within the last minute.';
    return { ...ok(`You are signed in as ${accountName(account)}. ${until}`), mailable: `You are signed in. ${until}` };
  }
  if (failure?.code === 'credential_store') return fault('session', 'session_unreadable', { why });
  return fault('session', 'session_unconfirmed', { why });
}
