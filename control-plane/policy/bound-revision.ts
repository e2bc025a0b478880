import type { Settings } from '../config/settings.js';

interface Bound {
  readonly audit: { hashArguments(args: unknown): string };
  readonly servers: Settings['servers'];
}

/** Names the policies and the settings of a server under which a call was permitted. */
export function boundRevision({ audit, servers }: Bound, server: string, policies: string): string {
  return audit.hashArguments({ policies, settings: servers[server] });
}
