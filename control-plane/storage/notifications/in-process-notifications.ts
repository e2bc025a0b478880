import type { Kysely } from 'kysely';
import type { Database } from '../schema.js';
import { Notifications, type Notice } from './notifications.js';

/** For SQLite, where this process is the only control plane. */
export class InProcessNotifications extends Notifications {
  constructor(private readonly db: Kysely<Database>) {
    super();
  }

  async publish<T>(notice: Notice, work: (transaction: Kysely<Database>) => Promise<T>): Promise<T> {
    const result = await this.db.transaction().execute(work);
    this.deliver(notice);
    return result;
  }

  get current(): boolean {
    return true;
  }
}
