import { Inject, Injectable } from '@nestjs/common';
import { ActiveCatalog } from '../../catalog/active-catalog.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig, Settings } from '../../config/settings.js';
import type { Session } from '../caller.js';
import { rolesOf } from '../roles.js';

type Limits = Settings['identity']['sessions'];
interface OfRole {
  readonly absoluteMinutes?: number | undefined;
  readonly idleMinutes?: number | undefined;
}
type Bounds = Pick<Session, 'expiresAt' | 'idleSeconds'>;

/**
 * How far the database is behind with last uses: every replica writes them once a minute, and a call under way is noted
 * every five seconds.
 */
export const UNWRITTEN_MS = 90_000;

/** How a session ends that nobody ends. */
export type RanOut = 'expired' | 'idle';

/** How long people's sessions live, by the roles that they have now (docs/decisions/026). */
@Injectable()
export class SessionLifetimes {
  readonly #limits: Limits;

  constructor(
    @Inject(CONFIG) { settings }: LoadedConfig,
    @Inject(ActiveCatalog) private readonly catalog: ActiveCatalog,
  ) {
    this.#limits = settings.identity.sessions;
  }

  /** Seconds that no session of a person outlives. */
  get longest(): number {
    return this.#limits.absoluteMinutes * 60;
  }

  /**
   * The same session, or with tighter bounds: they are never loosened. Whoever came without a browser or by break-glass has a
   * short life of their own.
   */
  applied(session: Session): Session {
    if (session.kind !== 'person' || session.actors.length > 0) return session;
    // While no revision is served the last one shortens, and no call gets through anyway.
    const roles = rolesOf(session, this.catalog.latest.roles);
    const bounds = tightened(session, [this.#limits, ...roles.map((role) => this.#limits.roles[role] ?? {})]);
    return isSame(session, bounds) ? session : { ...session, ...bounds };
  }
}

/** `behind`: milliseconds by which its last use may be later than is known here. `now`: epoch milliseconds. */
export function ranOut(
  { expiresAt, idleSeconds, lastUsedAt }: Pick<Session, 'expiresAt' | 'idleSeconds' | 'lastUsedAt'>,
  now: number,
  behind = 0,
): RanOut | undefined {
  if (expiresAt <= now) return 'expired';
  return idleSeconds !== null && lastUsedAt + idleSeconds * 1000 + behind <= now ? 'idle' : undefined;
}

function tightened(
  { createdAt, expiresAt, idleSeconds }: Pick<Session, 'createdAt' | 'expiresAt' | 'idleSeconds'>,
  limits: readonly OfRole[],
): Bounds {
  const absolute = limits.map(({ absoluteMinutes }) => absoluteMinutes).filter((minutes) => minutes !== undefined);
  const idle = limits.map(({ idleMinutes }) => idleMinutes).filter((minutes) => minutes !== undefined);
  return {
    expiresAt: Math.min(expiresAt, ...absolute.map((minutes) => createdAt + minutes * 60_000)),
    idleSeconds: Math.min(idleSeconds ?? Infinity, ...idle.map((minutes) => minutes * 60)),
  };
}

function isSame(a: Bounds, b: Bounds): boolean {
  return a.expiresAt === b.expiresAt && a.idleSeconds === b.idleSeconds;
}
