import type { ListedSession } from '#shared/api/sessions.js';
import type { ClientName } from '../identity/clients/client-name.js';
import type { SessionSummary } from '../identity/sessions/list-sessions.js';

/** A session as the API shows it; `own` is the one that asks. */
export function listedSession(session: SessionSummary, { title, claimedName }: ClientName, own: string): ListedSession {
  const { id, person, kind, actors, clientId, deviceName, address, authTime, idleSeconds, managedDevice } = session;
  return {
    id,
    person,
    kind,
    actors: [...actors],
    client: clientId,
    app: { title, claimedName },
    device: deviceName,
    managedDevice,
    address,
    createdAt: rfc3339(session.createdAt),
    signedInAt: authTime === 0 ? null : rfc3339(authTime),
    lastUsedAt: rfc3339(session.lastUsedAt),
    idpCheckedAt: rfc3339(session.idpCheckedAt),
    expiresAt: rfc3339(session.expiresAt),
    idleSeconds,
    current: id === own,
  };
}

function rfc3339(time: number): string {
  return new Date(time).toISOString();
}
