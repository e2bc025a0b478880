import { setTimeout as wait } from 'node:timers/promises';
import { runSql } from '../support/postgres-database.js';
import type { PostgresServer } from '../support/postgres-server.js';
import { processesWith } from '../support/processes.js';
import type { Random } from '../support/random.js';
import { expireAccessToken, expireChecks } from './stored-times.js';
import type { Testbed } from './testbed.js';

/** Something that dies, by SIGKILL unless it is said otherwise, and comes back. */
export interface Victim {
  readonly name: string;
  /** How often it is chosen, against the others. */
  readonly weight: number;
  /** Resolves when it is there again. */
  readonly strike: (random: Random) => Promise<void>;
}

/** Milliseconds of real time that spread the second death of a round over what the first one set off. */
const SPREAD = 300;
/** Milliseconds that a start takes at least on a computer at rest. */
const START = 1_000;
/** Milliseconds for PostgreSQL to recover. */
const RECOVERY = 30_000;

/** Everything that may die in a testbed. */
export function victimsOf(testbed: Testbed, postgres: PostgresServer | undefined): Victim[] {
  const { stack, apps, postgresUrl } = testbed;
  const restartControlPlane = async (): Promise<void> => {
    await stack.stopControlPlane('SIGKILL');
    await stack.startControlPlane();
  };
  /** Everyone's token has run out, and the identity provider was last asked a while ago. */
  const restartWithOldSignIns = async (random: Random): Promise<void> => {
    await Promise.all([stack.stopControlPlane('SIGKILL'), ...apps.map((app) => app.kill())]);
    await expireChecks(stack, postgresUrl);
    for (const { laptop } of apps) await expireAccessToken(stack, laptop);
    await stack.startControlPlane();
    for (const app of apps) app.start();
    await wait(random.below(SPREAD));
  };
  const everywhere: Victim[] = [
    { name: 'control plane', weight: 6, strike: restartControlPlane },
    {
      name: 'control plane while it starts',
      weight: 1,
      strike: async (random) => {
        await stack.stopControlPlane('SIGKILL');
        const starting = stack.startControlPlane().catch(() => undefined);
        await wait(random.below(START));
        await Promise.all([stack.stopControlPlane('SIGKILL'), starting]);
        await stack.startControlPlane();
      },
    },
    {
      name: 'control plane that is asked to stop',
      weight: 1,
      strike: async () => {
        await stack.stopControlPlane('SIGTERM');
        await stack.startControlPlane();
      },
    },
    {
      name: 'bridge',
      weight: 4,
      strike: async (random) => {
        const app = random.of(apps);
        await app.kill();
        app.start();
      },
    },
    {
      name: 'upstream',
      weight: 4,
      strike: async () => {
        await testbed.killUpstream();
        await testbed.startUpstream();
      },
    },
    {
      name: 'hosted server',
      weight: 2,
      strike: async (random) => {
        const pids = processesWith(testbed.mark);
        if (pids.length > 0) kill(random.of(pids));
      },
    },
    {
      name: 'identity provider while it is asked again about everyone',
      weight: 2,
      strike: async (random) => {
        await restartWithOldSignIns(random);
        await stack.stopIdp('SIGKILL');
        await stack.startIdp();
      },
    },
    {
      name: 'control plane while it asks the identity provider again',
      weight: 1,
      strike: async (random) => {
        await restartWithOldSignIns(random);
        await restartControlPlane();
      },
    },
  ];
  if (postgres === undefined || postgresUrl === undefined) return everywhere;
  return [
    ...everywhere,
    {
      name: 'PostgreSQL',
      weight: 4,
      strike: async () => {
        await postgres.kill9();
        await postgres.restart();
      },
    },
    {
      name: 'one connection of PostgreSQL',
      weight: 3,
      strike: async () => {
        await runSql(postgres.url, `select pg_terminate_backend(pid) ${ONE_OTHER}`);
      },
    },
    {
      name: 'one process of PostgreSQL, at which it ends all others and recovers',
      weight: 2,
      strike: async () => {
        const [row] = (await runSql(postgres.url, `select pid ${ONE_OTHER}`)) as { pid: number }[];
        if (row !== undefined) kill(row.pid);
        await recovered(postgres.url);
      },
    },
  ];
}

const ONE_OTHER = `from pg_stat_activity
  where backend_type = 'client backend' and pid <> pg_backend_pid() order by random() limit 1`;

async function recovered(url: string): Promise<void> {
  const deadline = Date.now() + RECOVERY;
  for (;;) {
    try {
      await runSql(url, 'select 1');
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await wait(20);
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
