import type { CredentialOf } from '../../../config/credential-settings.js';
import type { Settings } from '../../../config/settings.js';
import type { RevisionStore } from '../../../catalog/revision-store.js';
import type { ConnectionRow } from '../connection-rows.js';
import { settingsOf } from './connection-settings.js';

/** Revisions that are looked through: those before were in force long ago. */
const MOST = 100;

/** What a connection was made by, in the settings that are in force or the latest ones that had it; null where none did. */
export async function madeBy(
  row: ConnectionRow,
  servers: Settings['servers'],
  store: Pick<RevisionStore, 'list' | 'find'>,
): Promise<CredentialOf<'oauth'> | null> {
  const inForce = settingsOf(servers, row);
  if (inForce) return inForce;
  for (const { number } of await store.list({ limit: MOST })) {
    const open = await store.find(number);
    const earlier = open && settingsOf(serversIn(open), row);
    if (earlier) return earlier;
  }
  return null;
}

/** None of a revision that can't be read any more. */
function serversIn(open: NonNullable<Awaited<ReturnType<RevisionStore['find']>>>): Settings['servers'] {
  try {
    return open().servers;
  } catch {
    return {};
  }
}
