import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { errorText } from '#shared/errors.js';
import { CONFIG } from '../../config/config.module.js';
import type { LoadedConfig } from '../../config/settings.js';
import { Logger, shown } from '../../observability/logger.js';
import { Metrics } from '../../observability/metrics.js';
import { StorageService } from '../../storage/storage.service.js';
import { issuerOf } from '../resources.js';
import { liveBreakGlassSessions } from './break-glass-sessions.js';
import { waitingCodes } from './codes.js';

const LOOK_MS = 10_000;

interface Seen {
  readonly codes: ReadonlyMap<string, number>;
  readonly sessions: ReadonlyMap<string, number>;
}

/** The alarm: every control plane says in its log, metrics and health that a code was made or that somebody is in by one. */
@Injectable()
export class BreakGlassWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  #seen: Seen = { codes: new Map(), sessions: new Map() };
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  readonly #issuer: string;

  constructor(
    @Inject(CONFIG) { settings }: LoadedConfig,
    @Inject(StorageService) private readonly storage: StorageService,
    @Inject(Logger) private readonly logger: Logger,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {
    this.#issuer = issuerOf(settings.publicUrl);
  }

  async onApplicationBootstrap(): Promise<void> {
    this.#timer = setInterval(() => void this.look(), LOOK_MS).unref();
    await this.look();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await (this.#next ?? this.#looking);
  }

  /** For operators: one sentence each. */
  get notes(): readonly string[] {
    const { codes, sessions } = this.#seen;
    return [
      ...notesOf(codes, 'a break-glass code waits to be used'),
      ...notesOf(sessions, 'somebody is signed in by break-glass, past the identity provider'),
    ];
  }

  /** A code that is not good was tried. */
  refused(address: string): void {
    this.logger.warn('break-glass.refused', { address: shown(address) });
    this.metrics.breakGlassRefusals.inc();
  }

  /** Sees all that was before the call. Never rejects: what cannot be read now is read ten seconds later. */
  async look(): Promise<void> {
    // The look under way may have read before it; of those that wait, one does for all.
    if (this.#looking) {
      this.#next ??= this.#looking.then(() => {
        this.#next = undefined;
        return this.look();
      });
      return this.#next;
    }
    this.#looking = this.#read()
      .catch((error: unknown) => this.logger.error('break-glass.unread', { error: shown(errorText(error)) }))
      .finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #read(): Promise<void> {
    const now = Date.now();
    const { db } = this.storage;
    const sessions = await liveBreakGlassSessions(db, { issuer: this.#issuer, now });
    const next = { codes: timesIn(await waitingCodes(db, now)), sessions: timesIn(sessions) };
    for (const [id, until] of unseen(next.codes, this.#seen.codes))
      this.#alarm('break-glass.code-made', { code: id, until });
    for (const [id, until] of unseen(next.sessions, this.#seen.sessions)) {
      this.#alarm('break-glass.signed-in', { session: id, until });
    }
    this.metrics.breakGlass.set({ state: 'code' }, next.codes.size);
    this.metrics.breakGlass.set({ state: 'session' }, next.sessions.size);
    this.#seen = next;
  }

  #alarm(event: string, { until, ...ids }: { readonly until: number; readonly [id: string]: string | number }): void {
    const fields = Object.entries(ids).map(([name, id]) => [name, shown(id)] as const);
    this.logger.warn(event, { ...Object.fromEntries(fields), until: shown(new Date(until).toISOString()) });
  }
}

function timesIn(rows: readonly { id: string; until: number }[]): ReadonlyMap<string, number> {
  return new Map(rows.map(({ id, until }) => [id, until]));
}

function unseen(next: ReadonlyMap<string, number>, seen: ReadonlyMap<string, number>): [string, number][] {
  return [...next].filter(([id]) => !seen.has(id));
}

function notesOf(times: ReadonlyMap<string, number>, what: string): string[] {
  return [...times.values()].map((until) => `${what} until ${new Date(until).toISOString()}`);
}
