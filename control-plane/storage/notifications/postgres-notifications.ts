import { sql, type Kysely } from 'kysely';
import { CHANNEL, type DedicatedConnection } from '../dedicated-connection/dedicated-connection.js';
import type { Database } from '../schema.js';
import { Notifications, type Published, type Topic } from './notifications.js';

const CURRENT_MS = 1_000;

/**
 * NOTIFY with the commit, LISTEN on the dedicated connection. A notice may be delivered twice where it was published;
 * payloads are `topic id`.
 */
export class PostgresNotifications extends Notifications {
  constructor(
    private readonly db: Kysely<Database>,
    private readonly connection: DedicatedConnection,
  ) {
    super();
    connection.onOpened(() => this.gap());
    connection.onNotice((payload) => this.#hear(payload));
  }

  async publishAll<T>(work: (transaction: Kysely<Database>) => Promise<Published<T>>): Promise<T> {
    const { result, notices } = await this.db.transaction().execute(async (transaction) => {
      const published = await work(transaction);
      const payloads = published.notices.map(({ topic, id }) => `${topic} ${id}`);
      await sql`select pg_notify(${CHANNEL}, payload) from unnest(${payloads}::text[]) as payload`.execute(transaction);
      return published;
    });
    for (const notice of notices) this.deliver(notice);
    return result;
  }

  /** Compared at the moment of the question: a process that was stopped knows nothing until it has heard again. */
  get current(): boolean {
    return this.connection.heardAll(CURRENT_MS);
  }

  override subscribe(topic: Topic, listener: (id: string) => void): void {
    super.subscribe(topic, listener);
    this.connection.start();
  }

  /** A topic that only a newer version knows has no listener here. */
  #hear(payload: string): void {
    const space = payload.indexOf(' ');
    this.deliver({ topic: payload.slice(0, space) as Topic, id: payload.slice(space + 1) });
  }
}
