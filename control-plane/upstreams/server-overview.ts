import type { Health } from './server-health.js';

/** A configured server, for those who run it. */
export interface ServerOverview {
  readonly id: string;
  readonly title: string | null;
  readonly transport: 'streamable-http' | 'sse' | 'stdio';
  readonly health: Health;
  readonly processes: readonly HostedProcess[];
}

/** A running process of a hosted server. */
export interface HostedProcess {
  readonly pid: number | null;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly busy: boolean;
}
