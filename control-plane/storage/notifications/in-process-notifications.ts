import type { OnApplicationShutdown } from '@nestjs/common';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../schema.js';
import { Notifications, type Published } from './notifications.js';

const LOOK_MS = 500;

/**
 * For SQLite, where this process is the only control plane. What a command of the operator commits beside it tells
 * nobody, so SQLite is asked twice a second whether another process wrote; then anything may have changed.
 */
export class InProcessNotifications extends Notifications implements OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #version: number | undefined;
  #looking: Promise<void> | undefined;

  constructor(private readonly db: Kysely<Database>) {
    super();
  }

  async publishAll<T>(work: (transaction: Kysely<Database>) => Promise<Published<T>>): Promise<T> {
    const { result, notices } = await this.db.transaction().execute(work);
    for (const notice of notices) this.deliver(notice);
    return result;
  }

  get current(): boolean {
    return true;
  }

  override onGap(listener: () => void): void {
    super.onGap(listener);
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
    this.#look();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  #look(): void {
    this.#looking ??= this.#compare()
      .catch(() => undefined)
      .finally(() => (this.#looking = undefined));
  }

  /** https://sqlite.org/pragma.html#pragma_data_version: changes with the commits of others, not with our own. */
  async #compare(): Promise<void> {
    const { rows } = await sql<{ version: number }>`select data_version as version from pragma_data_version`.execute(
      this.db,
    );
    const before = this.#version;
    this.#version = rows[0]?.version;
    if (before !== undefined && before !== this.#version) this.gap();
  }
}
