import type { ListedConnection } from '#shared/api/connections.js';
import type { Connection } from '../credentials/connections/connection.js';
import type { SessionDirectory } from '../identity/sessions/session-directory.js';

/** Connections as the API shows them: with people's names, and times in RFC 3339. */
export async function listedConnections(
  found: readonly Connection[],
  directory: SessionDirectory,
): Promise<ListedConnection[]> {
  const ids = [...new Set(found.map(({ person }) => person))];
  const people = new Map((await directory.people({ people: ids, limit: ids.length })).map((one) => [one.id, one]));
  return found.map(({ id, person, server, issuer, scopes, state, createdAt, lastUsedAt, refusedAt }) => {
    const { email = null, name = null } = people.get(person) ?? {};
    return {
      id,
      person: { id: person, email, name },
      server,
      issuer,
      scopes: [...scopes],
      state,
      connectedAt: rfc3339(createdAt),
      lastUsedAt: rfc3339(lastUsedAt),
      refusedAt: refusedAt === null ? null : rfc3339(refusedAt),
    };
  });
}

function rfc3339(time: number): string {
  return new Date(time).toISOString();
}
