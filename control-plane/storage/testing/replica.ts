import type { Kysely } from 'kysely';
import { Logger } from '../../observability/logger.js';
import { DedicatedConnection } from '../dedicated-connection/dedicated-connection.js';
import { openPostgres } from '../dialects/postgres.js';
import { PostgresLeadership } from '../leadership/postgres-leadership.js';
import { PostgresNotifications } from '../notifications/postgres-notifications.js';
import type { Database } from '../schema.js';

/** What one of several control planes on a PostgreSQL has of notices and duties, without the rest. */
export class Replica implements AsyncDisposable {
  readonly connection: DedicatedConnection;
  readonly notifications: PostgresNotifications;
  readonly leadership: PostgresLeadership;
  /** What was heard, oldest first: `topic id`, or `gap`. */
  readonly heard: string[] = [];

  private constructor(
    readonly db: Kysely<Database>,
    noticesAt: string,
  ) {
    this.connection = new DedicatedConnection(noticesAt, new Logger('error'));
    this.notifications = new PostgresNotifications(db, this.connection);
    this.leadership = new PostgresLeadership(this.connection);
    this.notifications.onGap(() => this.heard.push('gap'));
    for (const topic of ['session-ended', 'session-changed'] as const) {
      this.notifications.subscribe(topic, (id) => this.heard.push(`${topic} ${id}`));
    }
  }

  /** `noticesAt`: another way to the same database for the dedicated connection. */
  static on(url: string, noticesAt = url): Replica {
    return new Replica(
      openPostgres(url, () => undefined),
      noticesAt,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.onApplicationShutdown();
    await this.db.destroy();
  }
}
