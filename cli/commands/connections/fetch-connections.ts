import { connectionPageSchema, type ConnectableServer, type ListedConnection } from '#shared/api/connections.js';
import { ME, PATHS } from '#shared/api/paths.js';
import { fetchPages, type Fetched } from '../admin/fetch-pages.js';
import { readAnswer, type CallApi } from '../api-answer.js';

/** More than there are servers. */
const MOST_OWN = 1000;

interface ConnectionFilter {
  readonly user?: string;
  readonly server?: string;
  readonly limit: number;
}

export interface FetchedConnections extends Fetched<ListedConnection> {
  /** Servers that take an account of the caller's. */
  readonly connectable: readonly ConnectableServer[];
}

export async function fetchConnections(call: CallApi, filter: ConnectionFilter): Promise<FetchedConnections> {
  const { user, server, limit } = filter;
  const connectable: ConnectableServer[] = [];
  const query = {
    ...(user === undefined ? {} : { user }),
    limit,
    ...(server === undefined ? {} : { filter: { server } }),
  };
  const found = await fetchPages(PATHS.connections, query, async (path) => {
    const page = readAnswer(connectionPageSchema, await call('GET', path));
    connectable.push(...page.connectable);
    return { items: page.connections, nextCursor: page.nextCursor };
  });
  return { ...found, connectable };
}

export async function ownConnections(call: CallApi): Promise<FetchedConnections> {
  return fetchConnections(call, { user: ME, limit: MOST_OWN });
}
