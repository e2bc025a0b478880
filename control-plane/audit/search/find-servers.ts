/** What search knows of a configured server. */
export interface ServerTitle {
  readonly id: string;
  readonly title: string | undefined;
}

/** Ids of the servers whose id or title is `wanted`, whatever the case; and `wanted` itself, for one that is gone. */
export function findServers(servers: readonly ServerTitle[], wanted: string): string[] {
  const key = wanted.toLowerCase().trim();
  const titled = servers.filter(({ title }) => title?.toLowerCase().trim() === key).map(({ id }) => id);
  return [key, ...titled];
}
